/* Which steps a secret key takes: the secret choices of a group action, apart from its curves. */
#ifndef REUNION_CTIDH_SCHEDULE_H
#define REUNION_CTIDH_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "ctidh/ctidh.h"
#include "ctidh/primes.h"

/* DESIGN: the action of a key walks in every batch exactly `bound` steps: real ones while some
 * exponent of the batch is not used up, dummies afterwards. The step taken next depends on the key
 * and on how many were taken before, not on the curve: when many public keys meet one secret key,
 * a schedule and its targets serve all of them. The owner wipes. */

struct schedule {
    uint8_t todo[PRIMES];     /* steps not yet taken */
    uint8_t negative[PRIMES]; /* 1 if they go by points of the twist */
};

/* The next step in a batch. All but `batch` is secret. */
struct target {
    const struct batch *batch;
    uint64_t position; /* within the batch */
    uint64_t degree;
    struct chain chain;
    uint64_t negative; /* mask */
    uint64_t dummy;    /* mask: the step is computed and discarded */
};

/* Returns: 0, -EINVAL (an exponent sum is above its batch's bound; that alone becomes public). */
MUST_CHECK int schedule_open(struct schedule *schedule,
                             const uint8_t secret[static CTIDH1024_SECRET_BYTES]);

struct target schedule_target(const struct schedule *schedule, const struct batch *batch);

/* The target's step was taken. */
void schedule_advance(struct schedule *schedule, const struct target *target);

/* The chain of the prime number `index` (public, below count - 1) among the primes of the batch
 * other than the target; and how many steps to allow for. */
struct chain target_other_chain(const struct target *target, size_t index);
unsigned target_other_steps_max(const struct target *target, size_t index);

/* All ones with probability (1 - 1/l_lo)/(1 - 1/l), else 0. A random point misses the order l with
 * probability 1/l; together with this coin every prime of the batch fails as often as the smallest,
 * l_lo, so that failures, which are public, tell nothing about the prime. */
uint64_t target_coin(const struct target *target, const struct random_source *random);

#endif
