/* Messages that were shown already, so that none is shown twice in a run. */
#ifndef REUNION_SESSION_SEEN_MESSAGES_H
#define REUNION_SESSION_SEEN_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/writer.h"

/* DESIGN: when a bucket ends, both sides come back with new T1s, and they have other T1s at
 * other servers. Only the content of a message tells that it is the same as before. The same
 * message again within one session is reported as a repetition: probably the same person with a
 * second session, or another person with the same message. It is not counted again. Each source,
 * which is a server, has one session at a time. */

enum { SEEN_MESSAGES_SOURCES_MAX = 16 };

enum seen_messages_news {
    SEEN_MESSAGES_KNOWN,    /* it was shown; nothing is to be reported */
    SEEN_MESSAGES_NEW,      /* it is to be shown */
    SEEN_MESSAGES_AGAIN,    /* it was shown, and came once more in the same session */
    SEEN_MESSAGES_RESTORED, /* it was shown in an earlier run, and comes for the first time in this
                               one */
};

struct seen_messages_entry {
    uint8_t *message; /* guarded */
    size_t bytes;
    size_t shown;  /* most often in any session */
    bool restored; /* of an earlier run, and not seen in this one */
    size_t this_session[SEEN_MESSAGES_SOURCES_MAX]; /* so far in each source's own */
};
struct seen_messages {
    struct seen_messages_entry *entries;
    size_t count;
    size_t shown;   /* different messages */
    size_t changes; /* of what seen_messages_put writes, counted */
};

/* Count a message of a source's session.
 * Returns: 0, how it is to be reported, and its number, counted from 1; -ENOMEM. */
MUST_CHECK int seen_messages_add(struct seen_messages *seen_messages, size_t source,
                                 const uint8_t *message, size_t bytes,
                                 enum seen_messages_news *news, size_t *number);

/* A new session of that source begins. */
void seen_messages_renew(struct seen_messages *seen_messages, size_t source);

/* Write down what was shown. */
void seen_messages_put(const struct seen_messages *seen_messages, struct writer *to);

/* Read it into an empty list, as sessions begin or are gone on with.
 * Returns: 0, -EBADMSG, -ENOMEM; the list is to be cleared in any case. */
MUST_CHECK int seen_messages_take(struct seen_messages *seen_messages, struct cursor *from);

/* Wipe and release. */
void seen_messages_clear(struct seen_messages *seen_messages);

#endif
