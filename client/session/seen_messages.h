/* Which messages were shown already, so that no session of a run repeats one of another's. */
#ifndef REUNION_SESSION_SEEN_MESSAGES_H
#define REUNION_SESSION_SEEN_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/writer.h"

/* DESIGN: after a bucket's end both sides come back with fresh T1s, and at another server they have
 * others from the start, so nothing but its content tells that a message is the one from before.
 * Within one session the same message once more is told as what it is: probably the same person,
 * who came again with a session of their own, or else another with the same message. It counts as
 * no further one. Each source, which is a server, has one session at a time. */

enum { TALLY_SOURCES_MAX = 16 };

enum tally_news {
    TALLY_KNOWN,    /* it was shown; nothing is to be told */
    TALLY_NEW,      /* it is to be shown */
    TALLY_AGAIN,    /* it was shown, and came once more in the same session */
    TALLY_RESTORED, /* it was shown in an earlier run, and comes for the first time in this one */
};

struct tally_entry {
    uint8_t *message; /* guarded */
    size_t bytes;
    size_t shown;                           /* most often in any session */
    bool restored;                          /* of an earlier run, and not seen in this one */
    size_t this_session[TALLY_SOURCES_MAX]; /* so far in each source's own */
};
struct tally {
    struct tally_entry *entries;
    size_t count;
    size_t shown;   /* different messages */
    size_t changes; /* of what tally_put writes, counted */
};

/* Count a message of a source's session.
 * Returns: 0, what is to be told of it, and its number, counted from 1; -ENOMEM. */
MUST_CHECK int tally_add(struct tally *tally, size_t source, const uint8_t *message, size_t bytes,
                         enum tally_news *news, size_t *number);

/* A new session of that source begins. */
void tally_renew(struct tally *tally, size_t source);

/* Write down what was shown. */
void tally_put(const struct tally *tally, struct writer *to);

/* Read it into an empty tally, as sessions begin or are gone on with.
 * Returns: 0, -EBADMSG, -ENOMEM; the tally is to be cleared in any case. */
MUST_CHECK int tally_take(struct tally *tally, struct cursor *from);

/* Wipe and release. */
void tally_clear(struct tally *tally);

#endif
