/* Montgomery curves and the x-coordinates of their points. */
#ifndef REUNION_CTIDH_CURVE_H
#define REUNION_CTIDH_CURVE_H

#include <stdint.h>

#include "base/random.h"
#include "ctidh/field.h"
#include "ctidh/primes.h"

/* y² = x³ + (a/c)x² + x, with what doubling and isogenies need of it. All tight. */
struct curve {
    struct fp a;
    struct fp c;
    struct fp plus;  /* a + 2c */
    struct fp minus; /* a - 2c */
    struct fp four;  /* 4c */
};

/* x/z; infinity has z = 0. Both tight. The point lies on the curve or on its quadratic twist: the
 * formulas are the same. */
struct point {
    struct fp x;
    struct fp z;
};

/* From a/c. */
void curve_set(struct curve *curve, const struct fp *a, const struct fp *c);

/* out = mask ? when_set : when_clear. */
void curve_select(struct curve *out, const struct curve *when_set, const struct curve *when_clear,
                  uint64_t mask);

/* Constant time, aliasing allowed. The difference of point_add is neither infinity nor (0, 0). */
void point_double(struct point *out, const struct point *p, const struct curve *curve);
void point_add(struct point *sum, const struct point *p, const struct point *q,
               const struct point *difference);

uint64_t point_infinity_mask(const struct point *p); /* all ones if infinity */
void point_select(struct point *out, const struct point *when_set, const struct point *when_clear,
                  uint64_t mask);
void point_swap(struct point *a, struct point *b, uint64_t mask);

/* A chain for each lane, as masks for each of its steps. */
struct ladder {
    uint64_t kind[CHAIN_STEPS_MAX];   /* the bit of the chain */
    uint64_t active[CHAIN_STEPS_MAX]; /* clear after the chain's end */
};

void ladder_clear(struct ladder *ladder);
/* Give the chain, which may be secret, to lanes that have none yet. */
void ladder_add(struct ladder *ladder, struct chain chain, uint64_t lanes);

/* p <- a generator of the group of [l]p, for the prime l of the chain; exact for every point,
 * also those of small order (why: see curve.c). The time depends on steps_max alone, which
 * is at least chain.steps. In all lanes the same chain, or each its own. */
void point_multiply(struct point *p, struct chain chain, unsigned steps_max,
                    const struct curve *curve);
void point_multiply_each(struct point *p, const struct ladder *ladder, unsigned steps_max,
                         const struct curve *curve);

/* A random point on the curve and one on its twist (Elligator 2), both with [4] still to be
 * applied. The curve may be secret; what is learned of the draws is independent of it. */
void curve_sample_points(struct point *on_curve, struct point *on_twist, const struct curve *curve,
                         const struct random_source *random);

#endif
