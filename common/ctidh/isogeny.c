#include "ctidh/isogeny.h"

/* DESIGN: with k = (l-1)/2 and x_s the x-coordinates of one multiple of the kernel point for each
 * pair ±s, Vélu's formulas on Montgomery curves are
 *
 *   X:Z   ->  X·prod(Z - X·x_s)² : Z·prod(X - Z·x_s)²
 *   (a-2c)/(a+2c)  ->  ((a-2c)/(a+2c))^l · (prod(1 - x_s) / prod(-1 - x_s))^8
 *
 * The multiples are the odd ones below 4·babies·giants, in resultant.c, and as rests the even ones
 * 2, 4, ..., 2r with r = k - 2·babies·giants, which stand for the remaining odd ones. Batches of
 * small primes have no babies; there the rests are the multiples 1, 2, ..., k themselves.
 *
 * The degree is hidden ("matryoshka"): babies and giants fit the smallest prime of the batch, rests
 * are computed up to what the largest needs, and those above r are left out of the products by
 * mask. Intermediate multiples may then exceed the order of the kernel point; they are only ever
 * left out. */

struct products {
    struct fp numerator[ISOGENY_POINTS];
    struct fp denominator[ISOGENY_POINTS];
    struct fp at_one;       /* prod (1 - x_s), up to a factor common with at_minus_one */
    struct fp at_minus_one; /* prod (-1 - x_s) */
};

static uint64_t rests_of(const struct batch *batch, uint64_t degree)
{
    return (degree - 1) / 2 - 2 * (uint64_t)batch->babies * batch->giants;
}

/* The lanes whose degree has a rest number i. */
static uint64_t rest_mask(const struct batch *batch, const uint64_t degree[static LANES],
                          uint64_t i)
{
    uint64_t mask = 0;
    for (size_t lane = 0; lane < LANES; lane++)
        mask |= lane_mask(lane) & mask_less(i, rests_of(batch, degree[lane]));
    return mask;
}

/* The lanes whose degree has bit i. */
static uint64_t bit_mask(const uint64_t degree[static LANES], unsigned i)
{
    uint64_t mask = 0;
    for (size_t lane = 0; lane < LANES; lane++)
        mask |= lane_mask(lane) & mask_bit(degree[lane] >> i);
    return mask;
}

/* babies [1]K, [3]K, ...; giants [2b]K, [6b]K, ...; the first giant is (b+1) + (b-1), both odd. */
static void babies_and_giants(struct isogeny_work *work, const struct batch *batch,
                              const struct point *kernel, const struct point *twice,
                              const struct curve *curve)
{
    size_t babies = batch->babies;
    work->baby[0] = *kernel;
    point_add(&work->baby[1], twice, kernel, kernel);
    for (size_t i = 2; i < babies; i++)
        point_add(&work->baby[i], &work->baby[i - 1], twice, &work->baby[i - 2]);

    struct point stride;
    struct point *giant = work->giant;
    point_add(&giant[0], &work->baby[babies / 2], &work->baby[babies / 2 - 1], twice);
    point_double(&stride, &giant[0], curve);
    for (size_t j = 1; j < batch->giants; j++)
        point_add(&giant[j], &giant[j - 1], &stride, &giant[j == 1 ? 0 : j - 2]);
}

static void multiply_if(struct fp *product, const struct fp *factor, uint64_t mask)
{
    struct fp with;
    fp_mul(&with, product, factor);
    fp_select(product, &with, product, mask);
}

/* One multiple x_s = x/z: Z - X·x_s and X - Z·x_s are, up to z and a common factor, the sum and the
 * difference of (x+z)(X-Z) and (x-z)(X+Z); 1 - x_s and -1 - x_s are x-z and x+z. */
static void multiply_rest(struct products *products, const struct point *rest,
                          const struct point *points, size_t count, uint64_t active)
{
    struct fp plus, minus;
    fp_add(&plus, &rest->x, &rest->z);
    fp_sub(&minus, &rest->x, &rest->z);
    multiply_if(&products->at_one, &minus, active);
    multiply_if(&products->at_minus_one, &plus, active);
    for (size_t i = 0; i < count; i++) {
        struct fp u, v, t;
        fp_sub(&t, &points[i].x, &points[i].z);
        fp_mul(&u, &plus, &t);
        fp_add(&t, &points[i].x, &points[i].z);
        fp_mul(&v, &minus, &t);
        fp_add(&t, &u, &v);
        multiply_if(&products->numerator[i], &t, active);
        fp_sub(&t, &u, &v);
        multiply_if(&products->denominator[i], &t, active);
    }
}

/* All rests: [1]step, [2]step, ..., as many as the largest degree has. */
static void multiply_rests(struct products *products, const struct point *step,
                           const struct point *points, size_t count, const struct batch *batch,
                           const uint64_t degree[static LANES], const struct curve *curve)
{
    uint64_t count_max = rests_of(batch, small_prime[batch->first + batch->count - 1]);
    struct point rest = *step;
    struct point previous, next;
    for (uint64_t i = 0; i < count_max; i++) {
        multiply_rest(products, &rest, points, count, rest_mask(batch, degree, i));
        if (i == 0)
            point_double(&next, step, curve);
        else
            point_add(&next, &rest, step, &previous);
        previous = rest;
        rest = next;
    }
}

/* base^degree · factor^8 where `bits` is the public length of the largest degree. The factor
 * enters before the last three squarings. */
static void power_of_degree(struct fp *out, const struct fp *base,
                            const uint64_t degree[static LANES], unsigned bits,
                            const struct fp *factor)
{
    struct fp result = fp_one;
    for (unsigned i = bits > 3 ? bits : 3; i-- > 0;) {
        if (i == 2)
            fp_mul(&result, &result, factor);
        fp_sqr(&result, &result);
        multiply_if(&result, base, bit_mask(degree, i));
    }
    *out = result;
}

static void set_codomain(struct curve *curve, const struct products *products,
                         const uint64_t degree[static LANES], uint64_t degree_max)
{
    struct fp plus, minus, a, c;
    unsigned bits = 64 - (unsigned)__builtin_clzll(degree_max);
    power_of_degree(&plus, &curve->plus, degree, bits, &products->at_minus_one);
    power_of_degree(&minus, &curve->minus, degree, bits, &products->at_one);
    fp_add_tight(&a, &plus, &minus);
    fp_add_tight(&a, &a, &a);
    fp_sub_tight(&c, &plus, &minus);
    curve_set(curve, &a, &c);
}

void isogeny_apply(struct curve *curve, struct point *points, size_t count,
                   const struct point *kernel, const struct batch *batch,
                   const uint64_t degree[static LANES], struct isogeny_work *work)
{
    uint64_t degree_max = small_prime[batch->first + batch->count - 1];
    struct products products = {{fp_one, fp_one}, {fp_one, fp_one}, fp_one, fp_one};

    struct point step = *kernel;
    if (batch->giants > 0) {
        point_double(&step, kernel, curve);
        babies_and_giants(work, batch, kernel, &step, curve);
        resultant_open(&work->resultant, work->baby, batch->babies, work->giant, batch->giants,
                       curve);
        resultant_at_units(&work->resultant, &products.at_one, &products.at_minus_one);
        for (size_t i = 0; i < count; i++)
            resultant_at_point(&work->resultant, &points[i], curve, &products.numerator[i],
                               &products.denominator[i]);
    }
    multiply_rests(&products, &step, points, count, batch, degree, curve);

    for (size_t i = 0; i < count; i++) {
        fp_sqr(&products.numerator[i], &products.numerator[i]);
        fp_sqr(&products.denominator[i], &products.denominator[i]);
        fp_mul(&points[i].x, &points[i].x, &products.numerator[i]);
        fp_mul(&points[i].z, &points[i].z, &products.denominator[i]);
    }
    set_codomain(curve, &products, degree, degree_max);
}
