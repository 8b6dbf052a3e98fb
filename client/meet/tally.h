/* Which messages were shown already, so that a new session of the same run repeats none. */
#ifndef REUNION_MEET_TALLY_H
#define REUNION_MEET_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* DESIGN: after a bucket's end both sides come back with fresh T1s, so nothing but its content
 * tells that a message is the one from before. Two people may have the same message, though: what
 * counts is how often it was revealed within one session. */

struct tally_entry {
    uint8_t *message; /* guarded */
    size_t bytes;
    size_t shown;        /* most often in any session */
    size_t this_session; /* so far in this one */
};
struct tally {
    struct tally_entry *entries;
    size_t count;
};

/* Count a message of this session.
 * Gives: 0 and whether it is to be shown, -ENOMEM. */
MUST_CHECK int tally_add(struct tally *tally, const uint8_t *message, size_t bytes, bool *show);

/* A new session begins. */
void tally_renew(struct tally *tally);

/* Wipe and release. */
void tally_clear(struct tally *tally);

#endif
