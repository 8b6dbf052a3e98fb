/* Which messages were shown already, so that no session of a run repeats one of another's. */
#ifndef REUNION_MEET_TALLY_H
#define REUNION_MEET_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/writer.h"

/* DESIGN: after a bucket's end both sides come back with fresh T1s, and at another server they have
 * others from the start, so nothing but its content tells that a message is the one from before.
 * Two people may have the same message, though: what counts is how often it was revealed within
 * one session. (Of two people with the same message who are met at one server each, one is shown.)
 * Each source, which is a server, has one session at a time. */

enum { TALLY_SOURCES_MAX = 16 };

struct tally_entry {
    uint8_t *message; /* guarded */
    size_t bytes;
    size_t shown;                           /* most often in any session */
    size_t this_session[TALLY_SOURCES_MAX]; /* so far in each source's own */
};
struct tally {
    struct tally_entry *entries;
    size_t count;
    size_t shown; /* messages, all together */
};

/* Count a message of a source's session.
 * Gives: 0 and whether it is to be shown, -ENOMEM. */
MUST_CHECK int tally_add(struct tally *tally, size_t source, const uint8_t *message, size_t bytes,
                         bool *show);

/* A new session of that source begins. */
void tally_renew(struct tally *tally, size_t source);

/* Write down what was shown. */
void tally_put(const struct tally *tally, struct writer *to);

/* Read it into an empty tally, as sessions begin or are gone on with.
 * Gives: 0, -EBADMSG, -ENOMEM; the tally is to be cleared in any case. */
MUST_CHECK int tally_take(struct tally *tally, struct cursor *from);

/* Wipe and release. */
void tally_clear(struct tally *tally);

#endif
