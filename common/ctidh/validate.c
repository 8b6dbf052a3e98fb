#include "ctidh/validate.h"

#include <stdbool.h>

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

enum verdict { UNDECIDED, SUPERSINGULAR, ORDINARY };

struct descent {
    const struct curve *curve;
    bool annihilated;            /* by p+1; shown at the first prime that divides the order */
    uint32_t order[ORDER_WORDS]; /* what is known to divide it, little-endian */
};

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

/* p is the sample times (p+1)/l, with l the prime number `index`. */
static enum verdict visit_prime(struct descent *descent, struct point p, size_t index)
{
    if (point_infinity_mask(&p))
        return UNDECIDED; /* this prime does not divide the order */
    if (!descent->annihilated) {
        multiply_by_range(&p, index, index + 1, descent->curve);
        if (!point_infinity_mask(&p))
            return ORDINARY;
        descent->annihilated = true;
    }
    order_multiply(descent->order, small_prime[index]);
    return order_is_enough(descent->order) ? SUPERSINGULAR : UNDECIDED;
}

/* p is the sample times (p+1) divided by the primes first..end-1. */
static enum verdict descend(struct descent *descent, const struct point *p, size_t first,
                            size_t end)
{
    if (end - first == 1)
        return visit_prime(descent, *p, first);
    size_t middle = first == 0 && end == PRIMES ? FIRST_OF_UPPER_HALF : (first + end) / 2;
    struct point part = *p;
    multiply_by_range(&part, first, middle, descent->curve);
    enum verdict verdict = descend(descent, &part, middle, end);
    if (verdict != UNDECIDED)
        return verdict;
    part = *p;
    multiply_by_range(&part, middle, end, descent->curve);
    return descend(descent, &part, first, middle);
}

static enum verdict try_sample(const struct curve *curve, const struct random_source *random)
{
    struct point sample = {.z = fp_one};
    fp_random(&sample.x, random);
    point_double(&sample, &sample, curve);
    point_double(&sample, &sample, curve);
    struct descent descent = {.curve = curve, .order = {1}};
    return descend(&descent, &sample, 0, PRIMES);
}

int curve_validate(const struct fp *a, const struct random_source *random)
{
    struct curve curve;
    curve_set(&curve, a, &fp_one);
    if (fp_zero_mask(&curve.plus) || fp_zero_mask(&curve.minus))
        return -EBADMSG; /* a = ±2: singular */
    enum verdict verdict;
    do {
        verdict = try_sample(&curve, random);
    } while (verdict == UNDECIDED);
    return verdict == SUPERSINGULAR ? 0 : -EBADMSG;
}
