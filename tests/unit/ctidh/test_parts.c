/* Multiplication by small primes, isogenies, the schedule and key sampling, each on its own. */
#include "lib/test.h"

#include <string.h>

#include "base/secret.h"
#include "ctidh/curve.h"
#include "ctidh/isogeny.h"
#include "ctidh/schedule.h"

static struct seeded seeded;
static struct random_source source;
static struct curve base_curve; /* y² = x³ + x */

static int open_all(void **state)
{
    (void)state;
    seeded = seeded_open();
    source = seeded_source(&seeded);
    curve_set(&base_curve, &fp_zero, &fp_one);
    return secret_init();
}

static void multiply_by(struct point *p, size_t i, const struct curve *curve)
{
    point_multiply(p, prime_chain[i], prime_chain[i].steps, curve);
}

/* Points on curve and twist whose order is the product of the primes listed, if luck allows;
 * drawn again until they have no smaller order. */
static void points_of_order(struct point out[2], const struct curve *curve, const size_t *primes,
                            size_t count)
{
    bool complete;
    do {
        curve_sample_points(&out[0], &out[1], curve, &source);
        complete = true;
        for (size_t k = 0; k < 2; k++) {
            point_double(&out[k], &out[k], curve);
            point_double(&out[k], &out[k], curve);
            for (size_t i = 0; i < PRIMES; i++) {
                bool listed = false;
                for (size_t j = 0; j < count; j++)
                    listed |= primes[j] == i;
                if (!listed)
                    multiply_by(&out[k], i, curve);
            }
            for (size_t j = 0; j < count; j++) { /* all others must not annihilate it */
                struct point part = out[k];
                for (size_t m = 0; m < count; m++)
                    if (m != j)
                        multiply_by(&part, primes[m], curve);
                complete &= !point_infinity_mask(&part);
            }
        }
    } while (!complete);
}

static void assert_same_ratio(const struct fp *a, const struct fp *b, const struct fp *c,
                              const struct fp *d)
{
    struct fp left, right, difference;
    fp_mul(&left, a, d);
    fp_mul(&right, b, c);
    fp_sub_tight(&difference, &left, &right);
    assert_true(fp_zero_mask(&difference));
}

static void assert_same_point(const struct point *p, const struct point *q)
{
    assert_same_ratio(&p->x, &p->z, &q->x, &q->z);
}

static void chains_reach_their_primes(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRIMES; i++) {
        unsigned x = 1, y = 2, z = 3;
        for (unsigned k = 0; k < prime_chain[i].steps; k++) {
            unsigned kept = prime_chain[i].bits >> k & 1 ? y : x;
            x = kept;
            y = z;
            z = x + z;
        }
        assert_int_equal(z, small_prime[i]);
        assert_true(prime_chain[i].steps <= CHAIN_STEPS_MAX);
    }
}

static void batches_partition_the_primes(void **state)
{
    (void)state;
    size_t next = 0;
    for (size_t b = 0; b < BATCHES; b++) {
        const struct batch *batch = &batch_table[b];
        assert_int_equal(batch->first, next);
        next += batch->count;
        assert_true(batch->count <= BATCH_PRIMES_MAX && batch->bound <= BATCH_STEPS_MAX);
        assert_true(batch->babies % 2 == 0 && batch->babies <= BABIES_MAX);
        assert_true(batch->giants <= GIANTS_MAX);
        assert_true(4 * batch->babies * batch->giants < small_prime[batch->first]);
        for (size_t i = batch->first; i < next; i++)
            assert_true(prime_chain[i].steps <= batch->steps_max);
    }
    assert_int_equal(next, PRIMES);
}

/* [l]P by l-1 additions, for a point of larger order. */
static struct point multiple_one_by_one(const struct point *p, unsigned multiple)
{
    struct point previous = *p, current, next;
    point_double(&current, p, &base_curve);
    for (unsigned i = 2; i < multiple; i++) {
        point_add(&next, &current, p, &previous);
        previous = current;
        current = next;
    }
    return current;
}

static void multiplication_is_right(void **state)
{
    (void)state;
    struct point p[2];
    curve_sample_points(&p[0], &p[1], &base_curve, &source);
    for (size_t i = 0; i < PRIMES; i++) {
        struct point expected = multiple_one_by_one(&p[i % 2], small_prime[i]);
        struct point plain = p[i % 2], padded = p[i % 2];
        multiply_by(&plain, i, &base_curve);
        point_multiply(&padded, prime_chain[i], CHAIN_STEPS_MAX, &base_curve);
        assert_same_point(&plain, &expected);
        assert_same_point(&padded, &expected);
    }
}

/* A point of order q times l is infinity if l = q, else another point of order q: also where an
 * intermediate multiple of the chain is infinity. Likewise times two. */
static void multiplication_is_exact_for_small_orders(void **state)
{
    (void)state;
    for (size_t q = 0; q < PRIMES; q += q < 20 ? 1 : 13) {
        struct point p[2];
        points_of_order(p, &base_curve, &q, 1);
        for (size_t i = 0; i < PRIMES; i++) {
            struct point multiple = p[i % 2];
            point_multiply(&multiple, prime_chain[i], CHAIN_STEPS_MAX, &base_curve);
            assert_true(point_infinity_mask(&multiple) == (i == q ? UINT64_MAX : 0));
            multiply_by(&multiple, q, &base_curve);
            assert_true(point_infinity_mask(&multiple));
        }
    }
    struct point two = {fp_zero, fp_one}; /* (0, 0) */
    struct point infinity = {fp_one, fp_zero};
    for (size_t i = 0; i < PRIMES; i++) {
        multiply_by(&two, i, &base_curve);
        assert_true(fp_zero_mask(&two.x) && !fp_zero_mask(&two.z));
        multiply_by(&infinity, i, &base_curve);
        assert_true(fp_zero_mask(&infinity.z) && !fp_zero_mask(&infinity.x));
    }
}

/* One point of each pair is on the curve and the other is not: on a supersingular curve both are
 * annihilated by p+1, so look at the right-hand sides. */
static void sampled_points_are_where_they_should_be(void **state)
{
    (void)state;
    struct curve other;
    struct fp a;
    struct point p[2];
    const size_t three = 0;
    static struct isogeny_work work;
    other = base_curve;
    points_of_order(p, &base_curve, &three, 1);
    struct point kernel = p[0];
    isogeny_apply(&other, p, ISOGENY_POINTS, &kernel, &batch_table[0], (const uint64_t[]){3},
                  &work);
    const struct curve *curves[] = {&base_curve, &other};
    for (size_t i = 0; i < 40; i++) {
        const struct curve *curve = curves[i % 2];
        fp_invert(&a, &curve->c);
        fp_mul(&a, &a, &curve->a);
        curve_sample_points(&p[0], &p[1], curve, &source);
        for (size_t k = 0; k < 2; k++) {
            struct fp x, t;
            fp_invert(&x, &p[k].z);
            fp_mul(&x, &x, &p[k].x);
            fp_add_tight(&t, &x, &a);
            fp_mul(&t, &t, &x);
            fp_add(&t, &t, &fp_one);
            fp_mul(&t, &t, &x); /* x³ + ax² + x */
            assert_true((fp_square_mask_blinded(&t, &source) != 0) == (k == 0));
        }
    }
}

/* Square-root Vélu with masked rests gives, for every prime, the curve and the images that the
 * linear formula of exactly that degree gives. */
static void isogenies_agree_with_the_linear_formula(void **state)
{
    (void)state;
    static struct isogeny_work work;
    for (size_t b = 0; b < BATCHES - 1; b++)
        for (size_t i = 0; i < batch_table[b].count; i++) {
            size_t index = batch_table[b].first + i;
            const uint64_t degree = small_prime[index];
            struct batch linear = {.first = (uint8_t)index, .count = 1};
            struct curve curve = base_curve, curve_linear = base_curve;
            struct point kernel[2], points[2], images[2];
            points_of_order(kernel, &base_curve, &index, 1);
            curve_sample_points(&points[0], &points[1], &base_curve, &source);
            memcpy(images, points, sizeof images);
            isogeny_apply(&curve, points, ISOGENY_POINTS, &kernel[i % 2], &batch_table[b], &degree,
                          &work);
            isogeny_apply(&curve_linear, images, ISOGENY_POINTS, &kernel[i % 2], &linear, &degree,
                          &work);
            assert_same_ratio(&curve.a, &curve.c, &curve_linear.a, &curve_linear.c);
            assert_same_point(&points[0], &images[0]);
            assert_same_point(&points[1], &images[1]);
        }
}

/* Steps by the curve's and the twist's point of the same order undo each other. */
static void opposite_steps_cancel(void **state)
{
    (void)state;
    static struct isogeny_work work;
    for (size_t b = 0; b < BATCHES - 1; b++) {
        size_t index = batch_table[b].first;
        const uint64_t degree = small_prime[index];
        struct curve curve = base_curve;
        for (size_t k = 0; k < 2; k++) {
            struct point kernel[2];
            points_of_order(kernel, &curve, &index, 1);
            struct point points[2] = {kernel[0], kernel[1]};
            isogeny_apply(&curve, points, ISOGENY_POINTS, &kernel[k], &batch_table[b], &degree,
                          &work);
            assert_true(point_infinity_mask(&points[k]));
        }
        assert_true(fp_zero_mask(&curve.a));
    }
}

static void schedule_walks_the_exponents(void **state)
{
    (void)state;
    uint8_t secret[CTIDH1024_SECRET_BYTES];
    ctidh1024_secret_sample(secret, &source);
    struct schedule schedule;
    assert_int_equal(schedule_open(&schedule, secret), 0);
    int8_t walked[PRIMES] = {0};
    for (size_t b = 0; b < BATCHES; b++)
        for (size_t step = 0; step < batch_table[b].bound; step++) {
            struct target target = schedule_target(&schedule, &batch_table[b]);
            size_t index = batch_table[b].first + (size_t)target.position;
            assert_int_equal(target.degree, small_prime[index]);
            assert_memory_equal(&target.chain.bits, &prime_chain[index].bits, 2);
            assert_int_equal(target.chain.steps, prime_chain[index].steps);
            if (!target.dummy)
                walked[index] = (int8_t)(walked[index] + (target.negative ? -1 : 1));
            schedule_advance(&schedule, &target);
        }
    assert_memory_equal(walked, secret, sizeof walked);
}

static void target_knows_its_neighbours(void **state)
{
    (void)state;
    for (size_t b = 0; b < BATCHES; b++)
        for (size_t position = 0; position < batch_table[b].count; position++) {
            struct target target = {.batch = &batch_table[b], .position = position};
            for (size_t i = 0; i + 1 < batch_table[b].count; i++) {
                const struct chain *expected =
                    &prime_chain[batch_table[b].first + i + (i >= position ? 1 : 0)];
                struct chain chain = target_other_chain(&target, i);
                assert_int_equal(chain.bits, expected->bits);
                assert_int_equal(chain.steps, expected->steps);
                assert_true(target_other_steps_max(&target, i) >= expected->steps);
            }
        }
}

static void inadmissible_secrets_are_refused(void **state)
{
    (void)state;
    struct schedule schedule;
    for (size_t b = 0; b < BATCHES; b++) {
        uint8_t secret[CTIDH1024_SECRET_BYTES] = {0};
        size_t first = batch_table[b].first, last = first + batch_table[b].count - 1;
        secret[first] = batch_table[b].bound;
        assert_int_equal(schedule_open(&schedule, secret), 0);
        secret[first] = (uint8_t)-batch_table[b].bound;
        assert_int_equal(schedule_open(&schedule, secret), 0);
        secret[last] = (uint8_t)(secret[last] + (last == first ? 1 : 255));
        assert_int_equal(schedule_open(&schedule, secret), -EINVAL);
        secret[first] = 0x80;
        assert_int_equal(schedule_open(&schedule, secret), -EINVAL);
    }
}

static void fill_with(void *state, uint8_t *out, size_t bytes)
{
    memcpy(out, state, bytes);
}

/* Just below and at the quotient l(l_lo - 1) / (l_lo(l - 1)) of 2^128. */
static void coin_turns_at_its_probability(void **state)
{
    (void)state;
    __extension__ typedef unsigned __int128 u128;
    for (size_t b = 0; b < BATCHES; b++)
        for (size_t i = 0; i < batch_table[b].count; i++) {
            uint64_t lowest = small_prime[batch_table[b].first];
            uint64_t degree = small_prime[batch_table[b].first + i];
            struct target target = {.batch = &batch_table[b], .degree = degree};
            u128 numerator = degree * (lowest - 1), denominator = lowest * (degree - 1);
            u128 draw = ~(u128)0; /* the smallest prime always succeeds */
            struct random_source fixed = {fill_with, &draw};
            if (i == 0) {
                assert_true(target_coin(&target, &fixed) == UINT64_MAX);
                continue;
            }
            u128 unit = ~(u128)0 / denominator; /* 2^128 / denominator, rounded down */
            u128 rest = ~(u128)0 % denominator + 1;
            draw = numerator * unit + numerator * rest / denominator; /* the threshold, down */
            draw -= 1;
            assert_true(target_coin(&target, &fixed) == UINT64_MAX);
            draw += 2;
            assert_true(target_coin(&target, &fixed) == 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_reach_their_primes),
        cmocka_unit_test(batches_partition_the_primes),
        cmocka_unit_test(multiplication_is_right),
        cmocka_unit_test(multiplication_is_exact_for_small_orders),
        cmocka_unit_test(sampled_points_are_where_they_should_be),
        cmocka_unit_test(isogenies_agree_with_the_linear_formula),
        cmocka_unit_test(opposite_steps_cancel),
        cmocka_unit_test(schedule_walks_the_exponents),
        cmocka_unit_test(target_knows_its_neighbours),
        cmocka_unit_test(inadmissible_secrets_are_refused),
        cmocka_unit_test(coin_turns_at_its_probability),
    };
    return cmocka_run_group_tests(tests, open_all, NULL);
}
