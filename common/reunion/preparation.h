/* What the sources of a session use of a preparation. */
#ifndef REUNION_REUNION_PREPARATION_H
#define REUNION_REUNION_PREPARATION_H

#include <stdint.h>

#include "base/err.h"
#include "ctidh/ctidh.h"
#include "reunion/beta_cache.h"
#include "reunion/reunion.h"

/* As reunion_preparation_open, with the key of this seed; NULL: of a random one. */
MUST_CHECK int preparation_open(struct reunion_preparation **preparation,
                                const uint8_t *seed /* REUNION_SEED_BYTES */);

/* The CTIDH secret key of a seed. Any thread. */
void preparation_draw_secret(uint8_t secret[static CTIDH1024_SECRET_BYTES],
                             const uint8_t seed[static REUNION_SEED_BYTES]);

/* Take its key for a session, once: the secret half, which must be guarded, and the public one.
 * Waits until the latter is computed. Any thread. Returns: 0, -EINVAL (a session has it), -ENOMEM
 * (it could not be computed). */
MUST_CHECK int preparation_take_key(struct reunion_preparation *preparation,
                                    uint8_t secret[static CTIDH1024_SECRET_BYTES],
                                    uint8_t beta[static T1_BETA_BYTES]);

#endif
