/* Elligator 2: the two maps undo each other, and the edges of the curve. */
#include "lib/test.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/elligator2.h"
#include "crypto/x25519.h"

/* Every representative maps to a point that has it, or its smaller root, as representative. */
static void test_inverse_of_map(void **state)
{
    struct seeded *seeded = *state;
    struct random_source random = seeded_source(seeded);
    for (int i = 0; i < 500; i++) {
        uint8_t r[ELLIGATOR2_BYTES], u[ELLIGATOR2_BYTES], low[ELLIGATOR2_BYTES];
        random_fill(&random, r, sizeof r);
        memcpy(low, r, sizeof low);
        low[31] &= 0x3f;
        elligator2_map(u, r);

        int matches = 0;
        for (uint8_t sign = 0; sign < 2; sign++) {
            uint8_t back[ELLIGATOR2_BYTES];
            assert_int_equal(elligator2_inverse(back, u, sign | (r[31] & 0xc0)), 0);
            assert_int_equal(back[31] & 0xc0, r[31] & 0xc0);
            back[31] &= 0x3f;
            matches += memcmp(back, low, sizeof low) == 0;
        }
        /* 2^254 - 10 and above are the larger of two roots: too rare to be drawn. */
        assert_int_equal(matches, 1);
    }
}

/* Half of all points have no representative, whatever the tweak; the others map back. */
static void test_map_of_inverse(void **state)
{
    struct seeded *seeded = *state;
    struct random_source random = seeded_source(seeded);
    static const uint8_t base_point[X25519_BYTES] = {9};
    int represented = 0;
    for (int i = 0; i < 1000; i++) {
        uint8_t u[ELLIGATOR2_BYTES], r[ELLIGATOR2_BYTES], back[ELLIGATOR2_BYTES], secret[32];
        random_fill(&random, secret, sizeof secret);
        x25519(u, secret, base_point);
        uint8_t tweak = (uint8_t)seeded_next(seeded);
        memset(r, 0x5a, sizeof r);
        int err = elligator2_inverse(r, u, tweak);
        assert_int_equal(elligator2_inverse(back, u, (uint8_t)~tweak), err);
        if (err) {
            assert_int_equal(err, -ENOENT);
            for (size_t j = 0; j < sizeof r; j++)
                assert_int_equal(r[j], 0x5a); /* untouched */
            continue;
        }
        represented++;
        elligator2_map(back, r);
        assert_memory_equal(back, u, sizeof u);
    }
    assert_in_range(represented, 400, 600);
}

static void test_edges(void **state)
{
    (void)state;
    uint8_t u[ELLIGATOR2_BYTES] = {0}, r[ELLIGATOR2_BYTES];
    static const uint8_t zero[ELLIGATOR2_BYTES];

    /* u = 0 has the representative 0 under either sign, and 0 maps to it. */
    for (uint8_t sign = 0; sign < 2; sign++) {
        assert_int_equal(elligator2_inverse(r, zero, sign), 0);
        assert_memory_equal(r, zero, sizeof r);
    }
    elligator2_map(u, zero);
    assert_memory_equal(u, zero, sizeof u);

    /* u = -A = p - 486662 has none. */
    memset(u, 0xff, sizeof u);
    u[31] = 0x7f;
    u[0] = 0xe7; /* the three low bytes of 2^255 - 19 - 486662 */
    u[1] = 0x92;
    u[2] = 0xf8;
    assert_int_equal(elligator2_inverse(r, u, 0), -ENOENT);
    assert_int_equal(elligator2_inverse(r, u, 1), -ENOENT);
}

int main(void)
{
    static struct seeded seeded;
    seeded = seeded_open();
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_inverse_of_map, &seeded),
        cmocka_unit_test_prestate(test_map_of_inverse, &seeded),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
