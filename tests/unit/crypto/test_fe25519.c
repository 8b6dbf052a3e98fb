/* Field arithmetic against libcrypto's big numbers, on random and edge values. */
#include "lib/test.h"

#include <openssl/bn.h>
#include <string.h>

#include "crypto/fe25519.h"

enum { ROUNDS = 2000 };

static BIGNUM *prime;
static BN_CTX *scratch;

/* Values around every boundary of the representation: 0, 1, 2^51±1 …, p-1, p, p+1, 2^255-1. */
static void edge(uint8_t bytes[static 32], size_t which)
{
    static const int powers[] = {0, 51, 102, 153, 204, 254};
    memset(bytes, 0, 32);
    if (which < 18) {
        int power = powers[which / 3];
        BIGNUM *value = BN_new();
        BN_set_bit(value, power);
        if (which % 3 == 1)
            BN_add_word(value, 1);
        if (which % 3 == 2)
            BN_sub_word(value, 1);
        BN_bn2lebinpad(value, bytes, 32);
        BN_free(value);
        return;
    }
    memset(bytes, 0xff, 32); /* 2^255 - 1 = p + 18 and downwards */
    bytes[31] = 0x7f;
    bytes[0] = (uint8_t)(0xff - (which - 18));
}

enum { EDGES = 18 + 24 };

static void draw(struct seeded *seeded, uint8_t bytes[static 32], size_t round)
{
    struct random_source random = seeded_source(seeded);
    if (round < EDGES)
        edge(bytes, round);
    else
        random_fill(&random, bytes, 32);
    bytes[31] &= 0x7f;
}

static void expect_equal(struct fe25519 ours, const BIGNUM *wanted)
{
    uint8_t got[32], bytes[32];
    BIGNUM *reduced = BN_new();
    assert_true(BN_nnmod(reduced, wanted, prime, scratch));
    assert_int_equal(BN_bn2lebinpad(reduced, bytes, 32), 32);
    fe25519_encode(got, ours);
    assert_memory_equal(got, bytes, 32);
    BN_free(reduced);
}

static void test_ring_operations(void **state)
{
    struct seeded *seeded = *state;
    BIGNUM *x = BN_new(), *y = BN_new(), *z = BN_new();
    for (size_t i = 0; i < EDGES * EDGES + ROUNDS; i++) {
        uint8_t a[32], b[32];
        draw(seeded, a, i < EDGES * EDGES ? i % EDGES : EDGES);
        draw(seeded, b, i < EDGES * EDGES ? i / EDGES : EDGES);
        BN_lebin2bn(a, 32, x);
        BN_lebin2bn(b, 32, y);
        struct fe25519 u = fe25519_decode(a), v = fe25519_decode(b);

        BN_add(z, x, y);
        expect_equal(fe25519_add(u, v), z);
        BN_sub(z, x, y);
        expect_equal(fe25519_sub(u, v), z);
        BN_mul(z, x, y, scratch);
        expect_equal(fe25519_mul(u, v), z);
        /* sums and differences go into products unreduced */
        BN_add(z, x, y);
        BN_sub(x, x, y);
        BN_mul(z, z, x, scratch);
        expect_equal(fe25519_mul(fe25519_add(u, v), fe25519_sub(u, v)), z);
    }
    BN_free(x);
    BN_free(y);
    BN_free(z);
}

static void test_powers(void **state)
{
    struct seeded *seeded = *state;
    BIGNUM *x = BN_new(), *z = BN_new(), *exponent = BN_dup(prime);
    for (size_t i = 0; i < EDGES + 200; i++) {
        uint8_t a[32];
        draw(seeded, a, i);
        struct fe25519 u = fe25519_decode(a);
        BN_lebin2bn(a, 32, x);

        BN_copy(exponent, prime);
        BN_sub_word(exponent, 2);
        BN_mod_exp(z, x, exponent, prime, scratch);
        expect_equal(fe25519_invert(u), z);

        BN_add_word(exponent, 1);
        BN_rshift1(exponent, exponent);
        BN_mod_exp(z, x, exponent, prime, scratch);
        expect_equal(fe25519_character(u), z);

        struct fe25519 square = fe25519_square(u);
        assert_true(fe25519_equal(fe25519_square(fe25519_sqrt(square)), square));
    }
    BN_free(x);
    BN_free(z);
    BN_free(exponent);
}

static void test_masks(void **state)
{
    struct seeded *seeded = *state;
    for (size_t i = 0; i < EDGES + 200; i++) {
        uint8_t a[32], canonical[32];
        draw(seeded, a, i);
        struct fe25519 u = fe25519_decode(a), v = fe25519_add(u, fe25519_one);
        fe25519_encode(canonical, u);
        assert_int_equal(fe25519_is_odd(u), canonical[0] & 1 ? UINT64_MAX : 0);
        assert_int_equal(fe25519_equal(u, fe25519_decode(canonical)), UINT64_MAX);
        assert_int_equal(fe25519_equal(u, v), 0);
        assert_int_equal(fe25519_equal(fe25519_select(UINT64_MAX, u, v), u), UINT64_MAX);
        assert_int_equal(fe25519_equal(fe25519_select(0, u, v), v), UINT64_MAX);
        struct fe25519 p = u, q = v;
        fe25519_swap(0, &p, &q);
        assert_int_equal(fe25519_equal(p, u), UINT64_MAX);
        fe25519_swap(UINT64_MAX, &p, &q);
        assert_int_equal(fe25519_equal(p, v) & fe25519_equal(q, u), UINT64_MAX);
    }
}

int main(void)
{
    static struct seeded seeded;
    seeded = seeded_open();
    scratch = BN_CTX_new();
    prime = BN_new();
    BN_set_bit(prime, 255);
    BN_sub_word(prime, 19);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_ring_operations, &seeded),
        cmocka_unit_test_prestate(test_powers, &seeded),
        cmocka_unit_test_prestate(test_masks, &seeded),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    BN_free(prime);
    BN_CTX_free(scratch);
    return failed;
}
