#include "ctidh/validate.h"

#include <stdbool.h>
#include <string.h>

#include "ctidh/curve.h"
#include "ctidh/primes.h"

/* DESIGN: if a random point is annihilated by p+1 and has an order n above 4·sqrt(p), then n
 * divides the trace, whose absolute value is at most 2·sqrt(p): it is 0 and the curve is
 * supersingular. If a point is not annihilated by p+1 the curve is not. The order is found by
 * descending a product tree over the small primes, large ones first, since the 59 largest
 * make up the 512 bits that decide, with room for two that are missing from the order. */

enum {
    ORDER_WORDS = 32,         /* of 32 bits: more than p+1 has */
    ORDER_WORDS_ENOUGH = 16,  /* 4·sqrt(p) < 2^512 */
    FIRST_OF_UPPER_HALF = 71, /* the primes from here on make up 535 bits */
};

/* What is known of each lane. */
struct descent {
    const struct curve *curve;
    uint64_t annihilated; /* by p+1; shown at the first prime that divides the order */
    uint64_t supersingular;
    uint64_t ordinary;
    uint32_t order[LANES][ORDER_WORDS]; /* what is known to divide it, little-endian */
};

static bool is_decided(const struct descent *descent)
{
    return !(~(descent->supersingular | descent->ordinary) & ALL_LANES);
}

static void order_multiply(uint32_t *order, uint32_t factor)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < ORDER_WORDS; i++) {
        carry += (uint64_t)order[i] * factor;
        order[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static bool order_is_enough(const uint32_t *order)
{
    uint32_t above = 0;
    for (size_t i = ORDER_WORDS_ENOUGH; i < ORDER_WORDS; i++)
        above |= order[i];
    return above != 0;
}

static void multiply_by_range(struct point *p, size_t first, size_t end, const struct curve *curve)
{
    for (size_t i = first; i < end; i++)
        point_multiply(p, prime_chain[i], prime_chain[i].steps, curve);
}

/* p is the sample times (p+1)/l, with l the prime number `index`, which divides the order in the
 * lanes where p is not infinity. */
static void visit_prime(struct descent *descent, struct point p, size_t index)
{
    uint64_t divides = ~point_infinity_mask(&p) & ~descent->ordinary;
    if (divides & ~descent->annihilated & ALL_LANES) {
        multiply_by_range(&p, index, index + 1, descent->curve);
        uint64_t end = point_infinity_mask(&p);
        descent->ordinary |= divides & ~descent->annihilated & ~end;
        descent->annihilated |= divides & end;
    }
    divides &= ~descent->ordinary;
    for (size_t lane = 0; lane < LANES; lane++) {
        if (!(divides & lane_mask(lane)))
            continue;
        order_multiply(descent->order[lane], small_prime[index]);
        if (order_is_enough(descent->order[lane]))
            descent->supersingular |= lane_mask(lane);
    }
}

/* p is the sample times (p+1) divided by the primes first..end-1. */
static void descend(struct descent *descent, const struct point *p, size_t first, size_t end)
{
    if (end - first == 1) {
        visit_prime(descent, *p, first);
        return;
    }
    size_t middle = first == 0 && end == PRIMES ? FIRST_OF_UPPER_HALF : (first + end) / 2;
    struct point part = *p;
    multiply_by_range(&part, first, middle, descent->curve);
    descend(descent, &part, middle, end);
    if (is_decided(descent))
        return;
    part = *p;
    multiply_by_range(&part, middle, end, descent->curve);
    descend(descent, &part, first, middle);
}

/* One sample in every lane that is not decided yet. */
static void try_sample(struct descent *descent, const struct random_source *random)
{
    struct point sample = {.z = fp_one};
    fp_random(&sample.x, random);
    point_double(&sample, &sample, descent->curve);
    point_double(&sample, &sample, descent->curve);
    descent->annihilated = 0;
    for (size_t lane = 0; lane < LANES; lane++) {
        memset(descent->order[lane], 0, sizeof descent->order[lane]);
        descent->order[lane][0] = 1;
    }
    descend(descent, &sample, 0, PRIMES);
}

uint64_t curve_validate(const struct fp *a, const struct random_source *random)
{
    struct curve curve;
    curve_set(&curve, a, &fp_one);
    struct descent descent = {.curve = &curve};
    /* a = ±2 is singular */
    descent.ordinary = fp_zero_mask(&curve.plus) | fp_zero_mask(&curve.minus);
    while (!is_decided(&descent))
        try_sample(&descent, random);
    return descent.supersingular & ~descent.ordinary;
}
