/* What a session computes while it has no passphrase yet, or none that Argon2i is through with. */
#ifndef REUNION_SESSION_PREPARING_H
#define REUNION_SESSION_PREPARING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "reunion/reunion.h"
#include "session/bucket_check.h"
#include "transport/transport.h"

/* DESIGN: a session's CTIDH key needs no passphrase, and neither do group actions with T1s that
 * stand. What is read for them is what any reader reads: the named bucket, or the newest one. It
 * does not depend on how long Argon2i takes; how much is computed does, and shows to nobody. The
 * T1s are worked through in random order, and what they cost counts in the session's budget. For
 * one thread at a time, except as `preparation` says. */

enum { PREPARING_T1S_MAX = 64 };

/* Zeros are closed. */
struct preparing {
    struct reunion_preparation *preparation; /* NULL: closed */
    uint8_t *t1s;                            /* RECORD_T1_BYTES each */
    size_t count, done;
    size_t actions; /* group actions computed so far */
};

/* Begin: a key is drawn. Returns: 0 (close it afterwards), -ENOMEM, -EIO (no randomness). */
MUST_CHECK int preparing_open(struct preparing *preparing);

/* Read T1s that stand in the named bucket, or (NULL) in the newest one, for preparing_compute. What
 * cannot be read is left out: whoever uses the transport next sees why. */
void preparing_read(struct preparing *preparing, struct transport *transport,
                    const struct transport_place *named, const struct bucket_bounds *bounds,
                    int64_t wall_s);

/* Compute with those that were read, at most `chunk` at once, until all are done or the work is
 * canceled. */
void preparing_compute(struct preparing *preparing, size_t chunk,
                       const struct random_source *random, const struct reunion_work *work);

/* Wipe and release. */
void preparing_close(struct preparing *preparing);

#endif
