/* What reunion-group shows: lines for people, or events for programs. */
#ifndef REUNION_CLIENT_GROUP_SHOW_H
#define REUNION_CLIENT_GROUP_SHOW_H

#include "group/context.h"

/* Show all events that were not shown yet, and mark them in the file as shown.
 * Returns: OUTCOME_DONE, or OUTCOME_FAILED after reporting why. */
enum outcome show_events(struct context *context);

/* The members as the device knows them, and the words to compare. Returns: as show_events. */
enum outcome show_members(struct context *context);

/* A group of the list; `members` is 0 where the file is sealed. Returns: as show_events. */
enum outcome show_group(const struct context *context, const char *name, size_t members);

/* Something was done with a group: an event without more, and a line for people unless `text` is
 * NULL. Returns: as show_events. */
enum outcome show_done(const struct context *context, const char *event, const char *text);

/* The server answers again. */
void show_back(const struct context *context);

/* The member that a text names: by its name, if only one has it, or by # and the beginning of its
 * key. Returns: the key, which belongs to the device; NULL after reporting why not. */
const uint8_t *show_find_member(struct context *context, const char *text);

#endif
