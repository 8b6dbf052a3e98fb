/* What every cmocka test needs: cmocka's own prerequisites, and seeded randomness. */
#ifndef REUNION_TESTS_LIB_TEST_H
#define REUNION_TESTS_LIB_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first. */
#include <cmocka.h>

#include "base/random.h"

/* A repeatable stream of bytes for property tests, not for secrets. Its seed is printed, and is
 * taken from REUNION_TEST_SEED where that is set, so that a failure can be replayed. */
struct seeded {
    uint64_t state;
};

struct seeded seeded_open(void);

/* The next 64 bits (SplitMix64: Steele, Lea, Flood 2014). */
uint64_t seeded_next(struct seeded *seeded);

/* A number below `bound`, which is at least 1. */
size_t seeded_below(struct seeded *seeded, size_t bound);

/* The numbers below `count` in a random order. */
void seeded_order(struct seeded *seeded, size_t *order, size_t count);

/* The stream as a source for the code under test; `seeded` must outlive it. */
struct random_source seeded_source(struct seeded *seeded);

#endif
