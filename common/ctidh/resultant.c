#include "ctidh/resultant.h"

#include <stdbool.h>

/* DESIGN: for points P, Q with x-coordinates s and t, the polynomial in α with roots x(P+Q) and
 * x(P-Q) is F0·α² + F1·α + F2 with
 *
 *     F0 = (t-s)²,  F1 = -2((ts+1)(t+s) + 2Ats),  F2 = (ts-1)²,  A = a/c.
 *
 * For a giant s this has degree 2 in t; the product over all giants is evaluated at all babies t.
 * Exchanging α with 1/α is the same as exchanging t with 1/t. So divide by t and write everything
 * with  e = (t + 1/t)/2  and  o = (t - 1/t)/2,  where o² = e² - 1.  In the forms of the giant
 * (n, w, h) = (x²+z², 2xz, x²-z²) and of the point α = X/Z (N, W, H) the factor is
 *
 *     (N·n - W·w)·e  -  (N·w + W·n + A·W·w)  -  H·h·o,
 *
 * and 1/α only changes the sign of o. The product of g factors is S(e) + o·D(e), of degrees g and
 * g-1, and a baby with the forms (n', w', h') has e = n'/w', o = h'/w'. So the values at α and 1/α
 * are  w'·S ± h'·D  after S and D were homogenised to degree g: two inner products with the same
 * monomials of the baby serve both. At α = 1 and α = -1, H is zero and D vanishes. */

_Static_assert(GIANTS_MAX <= 12, "the bounds of sums of products rest on this");

struct product {
    size_t degree;
    bool symmetric; /* no odd part */
    struct fp even[GIANTS_MAX + 1];
    struct fp odd[GIANTS_MAX]; /* degree - 1 */
};

/* One giant's factor: slope·e + constant + odd·o. */
struct factor {
    struct fp slope;
    struct fp constant;
    struct fp odd;
};

static void forms_of_point(struct forms *forms, const struct point *p)
{
    struct fp x, z, sum;
    fp_add(&sum, &p->x, &p->z);
    fp_sqr(&x, &p->x);
    fp_sqr(&z, &p->z);
    fp_sqr(&sum, &sum);
    fp_add_tight(&forms->even, &x, &z);
    fp_sub_tight(&forms->odd, &x, &z);
    fp_sub_tight(&forms->cross, &sum, &forms->even);
}

static void baby_open(struct baby *baby, const struct point *p, size_t degree)
{
    struct fp *monomial = baby->monomial;
    forms_of_point(&baby->forms, p);

    monomial[degree - 1] = baby->forms.cross;
    for (size_t k = degree - 1; k-- > 0;)
        fp_mul(&monomial[k], &monomial[k + 1], &baby->forms.cross);
    struct fp power = baby->forms.even;
    for (size_t k = 1; k < degree; k++) {
        fp_mul(&monomial[k], &monomial[k], &power);
        fp_mul(&power, &power, &baby->forms.even);
    }
    monomial[degree] = power;
}

static void giant_open(struct giant *giant, const struct point *p, const struct curve *curve)
{
    struct forms forms;
    forms_of_point(&forms, p);
    fp_mul(&giant->even, &forms.even, &curve->c);
    fp_mul(&giant->cross, &forms.cross, &curve->c);
    fp_mul_pair(&giant->mixed, &forms.even, &curve->c, &forms.cross, &curve->a);
    giant->odd = forms.odd;
}

void resultant_open(struct resultant *resultant, const struct point *babies, size_t baby_count,
                    const struct point *giants, size_t giant_count, const struct curve *curve)
{
    INVARIANT(baby_count >= 1 && baby_count <= BABIES_MAX);
    INVARIANT(giant_count >= 1 && giant_count <= GIANTS_MAX);
    resultant->babies = baby_count;
    resultant->giants = giant_count;
    for (size_t i = 0; i < baby_count; i++)
        baby_open(&resultant->baby[i], &babies[i], giant_count);
    for (size_t j = 0; j < giant_count; j++)
        giant_open(&resultant->giant[j], &giants[j], curve);
}

/* out[0..m+n-2] = a·b for polynomials of m and n coefficients, not reduced. A coefficient has at
 * most min(m, n) terms: with up to GIANTS_MAX/2 + 1 = 7 it is below 28p² for tight and below 112p²
 * for loose factors. */
static void polynomial_mul(struct fp_wide *out, const struct fp *a, size_t m, const struct fp *b,
                           size_t n)
{
    for (size_t k = 0; k + 1 < m + n; k++) {
        size_t first = k < n ? 0 : k - n + 1;
        size_t end = k < m ? k + 1 : m;
        fp_wide_mul(&out[k], &a[first], &b[k - first]);
        for (size_t i = first + 1; i < end; i++)
            fp_wide_mul_add(&out[k], &a[i], &b[k - i]);
    }
}

/* even + odd, coefficient by coefficient; loose. */
static void product_at_one(struct fp *sum, const struct product *p)
{
    for (size_t k = 0; k < p->degree; k++)
        fp_add(&sum[k], &p->even[k], &p->odd[k]);
    sum[p->degree] = p->even[p->degree];
}

/* a <- a·b, with o² = e² - 1:
 *   even = even·even' + (e² - 1)·odd·odd',  odd = (even + odd)(even' + odd') - even·even' -
 * odd·odd' The bounds of fp_wide_reduce hold: 28p² + 28p² + 64p², and 112p² + 2·64p². */
__attribute__((noinline)) static void product_mul(struct product *a, const struct product *b)
{
    struct fp_wide even[GIANTS_MAX + 1], odd[GIANTS_MAX], mixed[GIANTS_MAX + 1];
    size_t degree = a->degree + b->degree;
    polynomial_mul(even, a->even, a->degree + 1, b->even, b->degree + 1);
    if (!a->symmetric) {
        struct fp sum_a[GIANTS_MAX + 1], sum_b[GIANTS_MAX + 1];
        product_at_one(sum_a, a);
        product_at_one(sum_b, b);
        polynomial_mul(mixed, sum_a, a->degree + 1, sum_b, b->degree + 1);
        polynomial_mul(odd, a->odd, a->degree, b->odd, b->degree);
        for (size_t k = 0; k < degree; k++) {
            fp_wide_sub(&mixed[k], &even[k]);
            if (k + 1 < degree)
                fp_wide_sub(&mixed[k], &odd[k]);
            fp_wide_reduce(&a->odd[k], &mixed[k]);
        }
        for (size_t k = 0; k + 1 < degree; k++) {
            fp_wide_sub(&even[k], &odd[k]);
            fp_wide_add(&even[k + 2], &odd[k]);
        }
    }
    for (size_t k = 0; k <= degree; k++)
        fp_wide_reduce(&a->even[k], &even[k]);
    a->degree = degree;
}

static void product_of_factors(struct product *out, const struct factor *factors, size_t count,
                               bool symmetric)
{
    if (count == 1) {
        out->degree = 1;
        out->symmetric = symmetric;
        out->even[0] = factors->constant;
        out->even[1] = factors->slope;
        out->odd[0] = factors->odd;
        return;
    }
    struct product other;
    size_t half = count / 2;
    product_of_factors(out, factors, half, symmetric);
    product_of_factors(&other, factors + half, count - half, symmetric);
    product_mul(out, &other);
}

static void multiply_symmetric(const struct resultant *resultant, const struct factor *factors,
                               struct fp *value)
{
    struct product product;
    product_of_factors(&product, factors, resultant->giants, true);
    for (size_t i = 0; i < resultant->babies; i++) {
        struct fp at_baby;
        fp_dot(&at_baby, product.even, resultant->baby[i].monomial, resultant->giants + 1);
        fp_mul(value, value, &at_baby);
    }
}

/* The forms of ±1:1 are 2, ±2, 0; the factor 2 is dropped from both. */
void resultant_at_units(const struct resultant *resultant, struct fp *at_one,
                        struct fp *at_minus_one)
{
    struct factor plus[GIANTS_MAX], minus[GIANTS_MAX];
    for (size_t j = 0; j < resultant->giants; j++) {
        const struct giant *giant = &resultant->giant[j];
        fp_sub_tight(&plus[j].slope, &giant->even, &giant->cross);
        fp_add_tight(&plus[j].constant, &giant->mixed, &giant->cross);
        fp_negate(&plus[j].constant, &plus[j].constant);
        plus[j].odd = fp_zero;
        fp_add_tight(&minus[j].slope, &giant->even, &giant->cross);
        fp_sub_tight(&minus[j].constant, &giant->mixed, &giant->cross);
        minus[j].odd = fp_zero;
    }
    multiply_symmetric(resultant, plus, at_one);
    multiply_symmetric(resultant, minus, at_minus_one);
}

void resultant_at_point(const struct resultant *resultant, const struct point *point,
                        const struct curve *curve, struct fp *numerator, struct fp *denominator)
{
    struct forms forms;
    struct fp even_negated, cross_negated, odd_negated;
    forms_of_point(&forms, point);
    fp_negate(&even_negated, &forms.even);
    fp_negate(&cross_negated, &forms.cross);
    fp_mul(&odd_negated, &forms.odd, &curve->c);
    fp_negate(&odd_negated, &odd_negated);

    struct factor factors[GIANTS_MAX];
    for (size_t j = 0; j < resultant->giants; j++) {
        const struct giant *giant = &resultant->giant[j];
        fp_mul_pair(&factors[j].slope, &giant->even, &forms.even, &giant->cross, &cross_negated);
        fp_mul_pair(&factors[j].constant, &giant->cross, &even_negated, &giant->mixed,
                    &cross_negated);
        fp_mul(&factors[j].odd, &giant->odd, &odd_negated);
    }
    struct product product;
    product_of_factors(&product, factors, resultant->giants, false);

    for (size_t i = 0; i < resultant->babies; i++) {
        const struct baby *baby = &resultant->baby[i];
        struct fp even, odd, value;
        struct fp_wide symmetric, antisymmetric, sum;
        fp_dot(&even, product.even, baby->monomial, resultant->giants + 1);
        fp_dot(&odd, product.odd, baby->monomial, resultant->giants);
        fp_wide_mul(&symmetric, &even, &baby->forms.cross);
        fp_wide_mul(&antisymmetric, &odd, &baby->forms.odd);
        sum = symmetric;
        fp_wide_add(&sum, &antisymmetric);
        fp_wide_reduce(&value, &sum);
        fp_mul(denominator, denominator, &value);
        fp_wide_sub(&symmetric, &antisymmetric);
        fp_wide_reduce(&value, &symmetric);
        fp_mul(numerator, numerator, &value);
    }
}
