/* The commands of reunion-group but `listen`. */
#ifndef REUNION_CLIENT_GROUP_COMMANDS_H
#define REUNION_CLIENT_GROUP_COMMANDS_H

#include "group/context.h"

/* Each does what its name says, with a context that is open, and reports errors.
 * Returns: the end of the run. */
enum outcome command_create(struct context *context);
enum outcome command_invite(struct context *context);
enum outcome command_join(struct context *context);
enum outcome command_send(struct context *context);
enum outcome command_members(struct context *context);
enum outcome command_remove(struct context *context);
enum outcome command_leave(struct context *context);
enum outcome command_list(struct context *context);

/* Open the group, and make ready to go to its server, or to the one that an option names from now
 * on. Returns: OUTCOME_DONE, or the end of the run. */
enum outcome command_go_out(struct context *context);

/* Check a text, and have it sent with the next round. Returns: OUTCOME_DONE, OUTCOME_USAGE,
 * OUTCOME_FAILED. */
enum outcome command_write(struct context *context, const char *text, size_t bytes);

#endif
