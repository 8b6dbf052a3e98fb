/* Field arithmetic against OpenSSL's big integers, at random and at the boundaries. Compiled for
 * the portable and for the scalar engine. */
#include "lib/test.h"

#include <openssl/bn.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "ctidh/engine.h"
#include "ctidh/fp1024.h"
#include "ctidh/primes.h"

enum { RANDOM_ROUNDS = 300 };

static BN_CTX *context;
static BIGNUM *p, *r, *r_inverse; /* r = 2^1024 */
static struct seeded seeded;
static struct random_source source;

static int open_numbers(void **state)
{
    (void)state;
    context = BN_CTX_new();
    p = BN_new();
    r = BN_new();
    BN_set_word(p, 4);
    for (size_t i = 0; i < PRIMES; i++)
        BN_mul_word(p, small_prime[i]);
    BN_sub_word(p, 1);
    BN_set_bit(r, 1024);
    r_inverse = BN_mod_inverse(NULL, r, p, context);
    seeded = seeded_open();
    source = seeded_source(&seeded);
    return r_inverse ? secret_init() : -1;
}

static int close_numbers(void **state)
{
    (void)state;
    BN_free(p);
    BN_free(r);
    BN_free(r_inverse);
    BN_CTX_free(context);
    return 0;
}

/* The integer held in limbs, as it is. */
static BIGNUM *raw(const struct fp *a)
{
    uint8_t bytes[FP1024_BYTES];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(a->limb[i / 8] >> 8 * (i % 8));
    return BN_lebin2bn(bytes, sizeof bytes, NULL);
}

static void set_raw(struct fp *out, const BIGNUM *n)
{
    uint8_t bytes[FP1024_BYTES];
    assert_int_equal(BN_bn2lebinpad(n, bytes, sizeof bytes), sizeof bytes);
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof bytes; i++)
        out->limb[i / 8] |= (uint64_t)bytes[i] << 8 * (i % 8);
}

static void assert_below_multiple(const struct fp *a, BN_ULONG multiple)
{
    BIGNUM *bound = BN_dup(p);
    BIGNUM *value = raw(a);
    BN_mul_word(bound, multiple);
    assert_true(BN_cmp(value, bound) < 0);
    BN_free(bound);
    BN_free(value);
}

/* a = expected modulo p, and a < multiple·p; frees `expected`. */
static void assert_element(const struct fp *a, BIGNUM *expected, BN_ULONG multiple)
{
    BIGNUM *value = raw(a);
    assert_below_multiple(a, multiple);
    BN_nnmod(value, value, p, context);
    BN_nnmod(expected, expected, p, context);
    assert_int_equal(BN_cmp(value, expected), 0);
    BN_free(value);
    BN_free(expected);
}

static BIGNUM *montgomery_product(const struct fp *a, const struct fp *b)
{
    BIGNUM *x = raw(a), *y = raw(b);
    BN_mod_mul(x, x, y, p, context);
    BN_mod_mul(x, x, r_inverse, p, context);
    BN_free(y);
    return x;
}

static BIGNUM *sum_of(BIGNUM *a, BIGNUM *b)
{
    BN_add(a, a, b);
    BN_free(b);
    return a;
}

static BIGNUM *difference_of(BIGNUM *a, BIGNUM *b)
{
    BN_sub(a, a, b);
    BN_free(b);
    return a;
}

/* multiple·p + offset */
static struct fp near_multiple(BN_ULONG multiple, int offset)
{
    struct fp out;
    BIGNUM *n = BN_dup(p);
    BN_mul_word(n, multiple);
    if (offset < 0)
        BN_sub_word(n, (BN_ULONG)-offset);
    else
        BN_add_word(n, (BN_ULONG)offset);
    set_raw(&out, n);
    BN_free(n);
    return out;
}

static struct fp random_below_multiple(BN_ULONG multiple)
{
    struct fp out;
    uint8_t bytes[FP1024_BYTES + 16];
    random_fill(&source, bytes, sizeof bytes);
    BIGNUM *bound = BN_dup(p);
    BIGNUM *n = BN_lebin2bn(bytes, sizeof bytes, NULL);
    BN_mul_word(bound, multiple);
    BN_nnmod(n, n, bound, context);
    set_raw(&out, n);
    BN_free(n);
    BN_free(bound);
    return out;
}

static void check_tight(const struct fp *a, const struct fp *b)
{
    struct fp out;
    fp_add(&out, a, b);
    assert_element(&out, sum_of(raw(a), raw(b)), 4);
    fp_sub(&out, a, b);
    assert_element(&out, difference_of(raw(a), raw(b)), 4);
    fp_add_tight(&out, a, b);
    assert_element(&out, sum_of(raw(a), raw(b)), 2);
    fp_sub_tight(&out, a, b);
    assert_element(&out, difference_of(raw(a), raw(b)), 2);
    fp_negate(&out, a);
    assert_element(&out, difference_of(BN_new(), raw(a)), 2);
    fp_canonical(&out, a);
    assert_element(&out, raw(a), 1);
}

static void check_loose(const struct fp *a, const struct fp *b)
{
    struct fp out;
    fp_mul(&out, a, b);
    assert_element(&out, montgomery_product(a, b), 2);
    fp_sqr(&out, a);
    assert_element(&out, montgomery_product(a, a), 2);
    out = *a;
    fp_mul(&out, &out, &out); /* aliased */
    assert_element(&out, montgomery_product(a, a), 2);
    fp_tighten(&out, a);
    assert_element(&out, raw(a), 2);
}

static void random_elements(void **state)
{
    (void)state;
    for (size_t i = 0; i < RANDOM_ROUNDS; i++) {
        struct fp a = random_below_multiple(2), b = random_below_multiple(2);
        check_tight(&a, &b);
        struct fp c = random_below_multiple(4), d = random_below_multiple(4);
        check_loose(&c, &d);
        struct fp out;
        fp_mul_pair(&out, &a, &c, &b, &d);
        assert_element(&out, sum_of(montgomery_product(&a, &c), montgomery_product(&b, &d)), 2);
    }
}

static void boundaries(void **state)
{
    (void)state;
    const struct fp tight[] = {near_multiple(0, 0),     near_multiple(0, 1), near_multiple(1, -1),
                               near_multiple(1, 0),     near_multiple(1, 1), near_multiple(2, -1),
                               random_below_multiple(1)};
    const struct fp loose[] = {near_multiple(0, 0), near_multiple(2, 0), near_multiple(3, 0),
                               near_multiple(3, 1), near_multiple(4, -1)};
    for (size_t i = 0; i < sizeof tight / sizeof tight[0]; i++)
        for (size_t k = 0; k < sizeof tight / sizeof tight[0]; k++)
            check_tight(&tight[i], &tight[k]);
    for (size_t i = 0; i < sizeof loose / sizeof loose[0]; i++)
        for (size_t k = 0; k < sizeof loose / sizeof loose[0]; k++)
            check_loose(&loose[i], &loose[k]);
}

static void zero_masks(void **state)
{
    (void)state;
    const int offsets[] = {-1, 0, 1};
    for (BN_ULONG multiple = 0; multiple < 3; multiple++)
        for (size_t i = 0; i < 3; i++) {
            if ((multiple == 0 && offsets[i] < 0) || (multiple == 2 && offsets[i] >= 0))
                continue;
            struct fp a = near_multiple(multiple, offsets[i]);
            assert_true(fp_zero_mask(&a) == (offsets[i] == 0 ? UINT64_MAX : 0));
        }
}

/* Up to the documented limits: 64 products of tight, 16 of loose factors. */
static void sums_of_products(void **state)
{
    (void)state;
    struct fp a[FP1024_DOT_MAX], b[FP1024_DOT_MAX], out;
    for (size_t count = 1; count <= FP1024_DOT_MAX; count++) {
        BIGNUM *expected = BN_new();
        for (size_t i = 0; i < count; i++) {
            a[i] = i % 3 ? random_below_multiple(2) : near_multiple(2, -1);
            b[i] = i % 2 ? random_below_multiple(2) : near_multiple(2, -1);
            expected = sum_of(expected, montgomery_product(&a[i], &b[i]));
        }
        fp_dot(&out, a, b, count);
        assert_element(&out, expected, 2);
    }
    struct fp largest = near_multiple(4, -1);
    struct fp_wide sum, term;
    fp_wide_mul(&sum, &largest, &largest);
    term = sum;
    BIGNUM *expected = montgomery_product(&largest, &largest);
    for (size_t i = 1; i < 16; i++) {
        if (i % 2)
            fp_wide_add(&sum, &term);
        else
            fp_wide_mul_add(&sum, &largest, &largest);
        expected = sum_of(expected, montgomery_product(&largest, &largest));
    }
    fp_wide_reduce(&out, &sum);
    assert_element(&out, expected, 2);
}

static void differences_of_products(void **state)
{
    (void)state;
    for (size_t i = 0; i < RANDOM_ROUNDS; i++) {
        struct fp a = random_below_multiple(4), b = random_below_multiple(4);
        struct fp c = random_below_multiple(4), d = random_below_multiple(4), out;
        struct fp_wide sum, term;
        fp_wide_mul(&sum, &a, &b);
        fp_wide_mul(&term, &c, &d);
        fp_wide_sub(&sum, &term);
        fp_wide_reduce(&out, &sum);
        assert_element(&out, difference_of(montgomery_product(&a, &b), montgomery_product(&c, &d)),
                       2);
    }
}

/* Words without a bit, with all bits, and any: carries run through all of them, and through none.
 */
static struct fp words_that_carry(void)
{
    struct fp a;
    fp_random(&a, &source);
    for (size_t i = 0; i < FP1024_LIMBS; i++) {
        uint32_t kind = random_below(&source, 4);
        if (kind < 2)
            a.limb[i] = kind == 0 ? 0 : UINT64_MAX;
    }
    a.limb[FP1024_LIMBS - 1] &= UINT64_MAX >> 4; /* below 2^1020, which is 1.08p */
    return a;
}

static void carries(void **state)
{
    (void)state;
    for (size_t i = 0; i < 20 * RANDOM_ROUNDS; i++) {
        struct fp a = words_that_carry(), b = words_that_carry(), c = words_that_carry(), out;
        struct fp_wide sum;
        fp_mul(&out, &a, &b);
        assert_element(&out, montgomery_product(&a, &b), 2);
        fp_sqr(&out, &a);
        assert_element(&out, montgomery_product(&a, &a), 2);
        fp_wide_mul(&sum, &a, &b);
        fp_wide_mul_add(&sum, &b, &c);
        fp_wide_mul_add(&sum, &c, &c);
        fp_wide_reduce(&out, &sum);
        BIGNUM *expected = sum_of(montgomery_product(&a, &b), montgomery_product(&b, &c));
        assert_element(&out, sum_of(expected, montgomery_product(&c, &c)), 2);
    }
}

static void selections(void **state)
{
    (void)state;
    struct fp a = random_below_multiple(2), b = random_below_multiple(2), x = a, y = b, out;
    fp_select(&out, &a, &b, UINT64_MAX);
    assert_memory_equal(&out, &a, sizeof out);
    fp_select(&out, &a, &b, 0);
    assert_memory_equal(&out, &b, sizeof out);
    fp_swap(&x, &y, 0);
    assert_memory_equal(&x, &a, sizeof x);
    fp_swap(&x, &y, UINT64_MAX);
    assert_memory_equal(&x, &b, sizeof x);
    assert_memory_equal(&y, &a, sizeof y);
}

static void inverses(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct fp a = random_below_multiple(2), inverse, product;
        fp_invert(&inverse, &a);
        fp_mul(&product, &inverse, &a);
        assert_element(&product, raw(&fp_one), 2);
    }
    struct fp a;
    fp_invert(&a, &fp_zero);
    assert_true(fp_zero_mask(&a));
    assert_element(&fp_one, BN_dup(r), 1);
    BIGNUM *value = raw(&fp_prime);
    assert_int_equal(BN_cmp(value, p), 0);
    BN_free(value);
}

static void quadratic_characters(void **state)
{
    (void)state;
    for (size_t i = 0; i < RANDOM_ROUNDS; i++) {
        struct fp a = i == 0 ? fp_one : i == 1 ? near_multiple(1, -1) : random_below_multiple(2);
        BIGNUM *value = raw(&a);
        BN_nnmod(value, value, p, context);
        int expected = BN_kronecker(value, p, context);
        assert_int_equal(fp_square_mask_blinded(&a, &source), expected == 1 ? UINT64_MAX : 0);
        BN_free(value);
    }
    struct fp a = near_multiple(1, -1); /* -1 as a representative: -2^-1024, no square */
    assert_int_equal(fp_square_mask_blinded(&a, &source), 0);
}

static void encodings(void **state)
{
    (void)state;
    uint8_t bytes[FP1024_BYTES], again[FP1024_BYTES];
    struct fp a, untouched = fp_one;
    const struct {
        struct fp number;
        int result;
    } cases[] = {
        {near_multiple(0, 0), 0},        {near_multiple(0, 1), 0},
        {near_multiple(1, -1), 0},       {near_multiple(1, 0), -EBADMSG},
        {near_multiple(1, 1), -EBADMSG}, {near_multiple(2, 0), -EBADMSG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)(cases[i].number.limb[k / 8] >> 8 * (k % 8));
        a = fp_one;
        assert_int_equal(fp_decode(&a, bytes), cases[i].result);
        if (cases[i].result) {
            assert_memory_equal(&a, &untouched, sizeof a);
            continue;
        }
        fp_encode(again, &a);
        assert_memory_equal(again, bytes, sizeof bytes);
        struct fp above; /* the other tight form of the same element */
        fp_add(&above, &a, &fp_prime);
        fp_encode(again, &above);
        assert_memory_equal(again, bytes, sizeof bytes);
    }
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(fp_decode(&a, bytes), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_elements),
        cmocka_unit_test(boundaries),
        cmocka_unit_test(zero_masks),
        cmocka_unit_test(sums_of_products),
        cmocka_unit_test(differences_of_products),
        cmocka_unit_test(carries),
        cmocka_unit_test(selections),
        cmocka_unit_test(inverses),
        cmocka_unit_test(quadratic_characters),
        cmocka_unit_test(encodings),
    };
#ifdef CTIDH_SCALAR
    const struct engine *engine;
    if (engine_find("scalar", &engine)) {
        fprintf(stderr, "skipped: this processor has no scalar engine\n");
        return 77;
    }
#endif
    return cmocka_run_group_tests(tests, open_numbers, close_numbers);
}
