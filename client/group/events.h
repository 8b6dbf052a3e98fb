/* What happened in a group, and is to be shown. */
#ifndef REUNION_CLIENT_GROUP_EVENTS_H
#define REUNION_CLIENT_GROUP_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/writer.h"
#include "group/state.h"

enum group_event_kind {
    GROUP_EVENT_TEXT = 1,  /* a message of `author` */
    GROUP_EVENT_JOINED,    /* this device is a member now; invited by `author` */
    GROUP_EVENT_ADDED,     /* `author` added `subject` */
    GROUP_EVENT_REMOVED,   /* `author` removed `subject` */
    GROUP_EVENT_LEAVING,   /* `author` says that it goes */
    GROUP_EVENT_RENAMED,   /* `author` has another name: `subject_name` */
    GROUP_EVENT_MISSING,   /* `count` messages of `author` have not come */
    GROUP_EVENT_NOT_ADDED, /* somebody changed the group at the same time, and `subject`, whom this
                              device invited, has to be invited again */
    GROUP_EVENT_OUT,       /* `author` removed this device */
    GROUP_EVENT_KINDS,
};

struct group_event {
    enum group_event_kind kind;
    uint8_t author[GROUP_MEMBER_BYTES], subject[GROUP_MEMBER_BYTES];
    struct group_name author_name, subject_name; /* as they were known then */
    uint64_t time_s;                             /* of a text: when its author wrote it */
    uint64_t number;                             /* of a text: what its author wrote, from 0 */
    uint64_t count;
    bool is_late; /* a text of an epoch before the current one */
    uint8_t *text;
    size_t bytes;
};

/* A queue, oldest first. */
struct group_events {
    struct group_event *events;
    size_t count, room;
};

/* Add an event at the end; its text is taken over, also with an error. Returns: 0, -ENOMEM. */
MUST_CHECK int group_events_add(struct group_events *queue, struct group_event *event);
/* Wipe the first one; there must be one. */
void group_events_drop(struct group_events *queue);
void group_events_free(struct group_events *queue);

/* Returns: 0, -EBADMSG, -ENOMEM (the queue is to be freed then too). */
void group_events_save(const struct group_events *queue, struct writer *writer);
MUST_CHECK int group_events_load(struct group_events *queue, struct cursor *cursor);

#endif
