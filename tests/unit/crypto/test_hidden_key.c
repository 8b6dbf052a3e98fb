/* Hidden key pairs work as X25519 key pairs, and their public halves look random. */
#include "lib/test.h"

#include "base/secret.h"
#include "crypto/elligator2.h"
#include "crypto/hidden_key.h"
#include "crypto/x25519.h"

enum { PAIRS = 300 };

static void test_key_exchange(void **state)
{
    struct random_source random = seeded_source(*state);
    for (int i = 0; i < PAIRS / 10; i++) {
        uint8_t seeds[2][32], hidden[2][32], secret[2][32], u[2][32], shared[2][32];
        for (int side = 0; side < 2; side++) {
            random_fill(&random, seeds[side], sizeof seeds[side]);
            hidden_key_pair(hidden[side], secret[side], seeds[side]);
            elligator2_map(u[side], hidden[side]);
        }
        x25519(shared[0], secret[0], u[1]);
        x25519(shared[1], secret[1], u[0]);
        assert_memory_equal(shared[0], shared[1], 32);
    }
}

/* Each of the 256 bits, the two padding bits included, is set about half the time: 300 draws fall
 * outside 90 to 210 with a probability below 2^-35 for each bit. */
static void test_uniform_bits(void **state)
{
    struct random_source random = seeded_source(*state);
    int set[256] = {0};
    for (int i = 0; i < PAIRS; i++) {
        uint8_t seed[32], hidden[32], secret[32];
        random_fill(&random, seed, sizeof seed);
        hidden_key_pair(hidden, secret, seed);
        for (int bit = 0; bit < 256; bit++)
            set[bit] += hidden[bit / 8] >> (bit % 8) & 1;
    }
    for (int bit = 0; bit < 256; bit++)
        assert_in_range(set[bit], 90, 210);
}

int main(void)
{
    static struct seeded seeded;
    seeded = seeded_open();
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_key_exchange, &seeded),
        cmocka_unit_test_prestate(test_uniform_bits, &seeded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
