#include "lib/test.h"

#include <string.h>

#include "mix/keys.h"
#include "route.h"

enum { BLOCK_BYTES_MAX = 1000 };

static void a_wide_block_comes_back(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (int round = 0; round < 500; round++) {
        uint8_t key[MIX_WIDE_KEY_BYTES], before[BLOCK_BYTES_MAX], block[BLOCK_BYTES_MAX];
        size_t bytes = MIX_WIDE_BYTES_MIN + seeded_below(&seeded, BLOCK_BYTES_MAX - 32);
        random_fill(&random, key, sizeof key);
        random_fill(&random, before, bytes);
        memcpy(block, before, bytes);
        mix_wide(block, bytes, key);
        assert_memory_not_equal(block, before, bytes);
        mix_wide_inverse(block, bytes, key);
        assert_memory_equal(block, before, bytes);
    }
}

static size_t bits_that_differ(const uint8_t *a, const uint8_t *b, size_t bytes)
{
    size_t bits = 0;
    for (size_t i = 0; i < bytes; i++)
        bits += (size_t)__builtin_popcount(a[i] ^ b[i]);
    return bits;
}

/* A flipped bit changes about half of all bits: 7296 with a standard deviation of 43 or so. */
static void each_bit_changes_the_whole_block(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    uint8_t key[MIX_WIDE_KEY_BYTES], one[MIX_PAYLOAD_BYTES], other[MIX_PAYLOAD_BYTES];
    random_fill(&random, key, sizeof key);
    for (size_t bit = 0; bit < 8 * sizeof one; bit += 5) {
        for (int inverse = 0; inverse < 2; inverse++) {
            random_fill(&random, one, sizeof one);
            memcpy(other, one, sizeof one);
            other[bit / 8] ^= (uint8_t)(1 << bit % 8);
            (inverse ? mix_wide_inverse : mix_wide)(one, sizeof one, key);
            (inverse ? mix_wide_inverse : mix_wide)(other, sizeof other, key);
            size_t differ = bits_that_differ(one, other, sizeof one);
            assert_in_range(differ, 8 * sizeof one / 2 - 400, 8 * sizeof one / 2 + 400);
        }
    }
}

static void keys_differ_by_label_secret_and_alpha(void **state)
{
    (void)state;
    uint8_t secret[MIX_KEY_BYTES] = {1}, alpha[MIX_ALPHA_BYTES] = {2};
    struct mix_keys one, other;
    mix_keys_derive(&one, secret, alpha);
    assert_memory_not_equal(one.stream, one.mac, MIX_KEY_BYTES);
    assert_memory_not_equal(one.stream, one.blind, MIX_KEY_BYTES);
    assert_memory_not_equal(one.payload, one.payload + 64, 64);
    secret[0] ^= 1;
    mix_keys_derive(&other, secret, alpha);
    assert_memory_not_equal(one.tag, other.tag, MIX_TAG_BYTES);
    secret[0] ^= 1;
    alpha[31] ^= 0x80;
    mix_keys_derive(&other, secret, alpha);
    assert_memory_not_equal(one.tag, other.tag, MIX_TAG_BYTES);
    assert_memory_not_equal(one.mac, other.mac, MIX_KEY_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wide_block_comes_back),
        cmocka_unit_test(each_bit_changes_the_whole_block),
        cmocka_unit_test(keys_differ_by_label_secret_and_alpha),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
