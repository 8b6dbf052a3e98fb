/* The small primes of CTIDH-1024, their batches, and how each is multiplied by. */
#ifndef REUNION_CTIDH_PRIMES_H
#define REUNION_CTIDH_PRIMES_H

#include <stdint.h>

enum {
    PRIMES = 130,
    BATCHES = 23,
    BATCH_PRIMES_MAX = 10,
    BATCH_STEPS_MAX = 6, /* the largest bound */
    CHAIN_STEPS_MAX = 13,
    BABIES_MAX = 20,
    GIANTS_MAX = 12,
};

/* A differential addition chain: from the multiples (x, y, z) = (1, 2, 3), step k goes to
 * (x, z, x+z) if bit k is clear and to (y, z, y+z) if it is set; after `steps` steps z is the
 * prime. */
struct chain {
    uint16_t bits;
    uint8_t steps;
};

/* A batch of neighbouring primes. Which batch is worked on is public; which of its primes is not.
 */
struct batch {
    uint8_t first; /* index of its smallest prime */
    uint8_t count;
    uint8_t bound;     /* a secret key takes this many steps in the batch, dummies included */
    uint8_t steps_max; /* of its chains */
    /* Its isogenies split the multiples of a kernel point into babies, giants and rests, see
     * resultant.h; 4·babies·giants is below every prime of the batch. */
    uint8_t babies;
    uint8_t giants;
};

extern const uint16_t small_prime[PRIMES];
extern const struct chain prime_chain[PRIMES];
extern const struct batch batch_table[BATCHES];

#endif
