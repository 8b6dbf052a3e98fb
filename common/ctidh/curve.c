#include "ctidh/curve.h"

#include "base/secret.h"

void curve_set(struct curve *curve, const struct fp *a, const struct fp *c)
{
    struct fp twice;
    fp_add_tight(&twice, c, c);
    curve->a = *a;
    curve->c = *c;
    fp_add_tight(&curve->plus, a, &twice);
    fp_sub_tight(&curve->minus, a, &twice);
    fp_add_tight(&curve->four, &twice, &twice);
    secret_wipe(&twice, sizeof twice);
}

void curve_select(struct curve *out, const struct curve *when_set, const struct curve *when_clear,
                  uint64_t mask)
{
    fp_select(&out->a, &when_set->a, &when_clear->a, mask);
    fp_select(&out->c, &when_set->c, &when_clear->c, mask);
    fp_select(&out->plus, &when_set->plus, &when_clear->plus, mask);
    fp_select(&out->minus, &when_set->minus, &when_clear->minus, mask);
    fp_select(&out->four, &when_set->four, &when_clear->four, mask);
}

void point_double(struct point *out, const struct point *p, const struct curve *curve)
{
    struct fp sum, difference, product, t;
    fp_add(&sum, &p->x, &p->z);
    fp_sub(&difference, &p->x, &p->z);
    fp_sqr(&sum, &sum);
    fp_sqr(&difference, &difference);
    fp_sub(&product, &sum, &difference); /* 4xz */
    fp_mul(&difference, &difference, &curve->four);
    fp_mul(&out->x, &sum, &difference);
    fp_mul(&t, &product, &curve->plus);
    fp_add(&t, &t, &difference);
    fp_mul(&out->z, &t, &product);
}

void point_add(struct point *sum, const struct point *p, const struct point *q,
               const struct point *difference)
{
    struct fp u, v, t;
    fp_add(&u, &p->x, &p->z);
    fp_sub(&t, &q->x, &q->z);
    fp_mul(&u, &u, &t);
    fp_sub(&v, &p->x, &p->z);
    fp_add(&t, &q->x, &q->z);
    fp_mul(&v, &v, &t);
    fp_add(&t, &u, &v);
    fp_sub(&u, &u, &v);
    fp_sqr(&t, &t);
    fp_sqr(&u, &u);
    fp_mul(&t, &t, &difference->z);
    fp_mul(&sum->z, &u, &difference->x); /* may overwrite the difference: x last */
    sum->x = t;
}

uint64_t point_infinity_mask(const struct point *p)
{
    return fp_zero_mask(&p->z);
}

void point_select(struct point *out, const struct point *when_set, const struct point *when_clear,
                  uint64_t mask)
{
    fp_select(&out->x, &when_set->x, &when_clear->x, mask);
    fp_select(&out->z, &when_set->z, &when_clear->z, mask);
}

void point_swap(struct point *a, struct point *b, uint64_t mask)
{
    fp_swap(&a->x, &b->x, mask);
    fp_swap(&a->z, &b->z, mask);
}

void ladder_clear(struct ladder *ladder)
{
    *ladder = (struct ladder){0};
}

void ladder_add(struct ladder *ladder, struct chain chain, uint64_t lanes)
{
    for (unsigned k = 0; k < CHAIN_STEPS_MAX; k++) {
        ladder->kind[k] |= lanes & mask_bit((uint64_t)chain.bits >> k);
        ladder->active[k] |= lanes & mask_less(k, chain.steps);
    }
}

/* All ones if differential addition fails with this difference. */
static uint64_t degenerate_mask(const struct point *difference)
{
    return fp_zero_mask(&difference->z) | fp_zero_mask(&difference->x);
}

/* Exactness. point_add is wrong only if the difference is infinity or (0, 0). Then the order of p
 * divides d or 2d for an intermediate multiple d < l, so it is coprime to l, and [l]p generates
 * the same group as p: p itself is the answer. That also keeps infinity at infinity.
 *
 * Steps beyond chain.steps are dummies: computed, never copied out, and their differences do not
 * count. */
void point_multiply_each(struct point *p, const struct ladder *ladder, unsigned steps_max,
                         const struct curve *curve)
{
    struct point multiple[3] = {*p};
    struct point *x = &multiple[0], *y = &multiple[1], *z = &multiple[2], result;
    uint64_t degenerate = degenerate_mask(p);
    point_double(y, p, curve);
    point_add(z, y, x, x);
    result = *z;
    for (unsigned k = 0; k < steps_max; k++) {
        uint64_t active = ladder->active[k];
        point_swap(x, y, ladder->kind[k]);
        degenerate |= active & degenerate_mask(y);
        point_add(y, x, z, y);
        struct point *sum = y;
        y = z;
        z = sum;
        point_select(&result, z, &result, active);
    }
    point_select(p, p, &result, degenerate);
}

void point_multiply(struct point *p, struct chain chain, unsigned steps_max,
                    const struct curve *curve)
{
    struct ladder ladder;
    ladder_clear(&ladder);
    ladder_add(&ladder, chain, ALL_LANES);
    point_multiply_each(p, &ladder, steps_max, curve);
}

/* Elligator 2. For u other than 0, 1, -1 and a != 0, the numbers x1 = a/(c(u²-1)) and x2 = -u² x1
 * are x-coordinates, one on the curve and one on the twist, since f(x2) = -u² f(x1) and -1 is no
 * square. For a = 0, x1 = 1/(c(u²-1)) and x2 = -x1 do the same. One formula serves both when a and
 * u² are replaced by 1. With d = c(u²-1), f(x1) is a·d·(u²a² + d²) up to a square. */
void curve_sample_points(struct point *on_curve, struct point *on_twist, const struct curve *curve,
                         const struct random_source *random)
{
    struct fp u, square, a, d, t;
    uint64_t unusable;
    do {
        fp_random(&u, random);
        fp_sqr(&square, &u);
        fp_sub_tight(&t, &square, &fp_one);
        unusable = fp_zero_mask(&square) | fp_zero_mask(&t);
    } while (unusable & ALL_LANES);
    fp_mul(&d, &t, &curve->c);
    uint64_t a_zero = fp_zero_mask(&curve->a);
    fp_select(&a, &fp_one, &curve->a, a_zero);
    fp_select(&square, &fp_one, &square, a_zero);

    on_curve->x = a;
    on_curve->z = d;
    fp_mul(&t, &square, &a);
    fp_negate(&on_twist->x, &t);
    on_twist->z = d;
    fp_mul_pair(&t, &t, &a, &d, &d);
    fp_mul(&t, &t, &a);
    fp_mul(&t, &t, &d);
    uint64_t first_on_twist = ~fp_square_mask_blinded(&t, random);
    point_swap(on_curve, on_twist, first_on_twist);
}
