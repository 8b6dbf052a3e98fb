#include "lib/test.h"

#include <sodium.h>
#include <string.h>

#include "crypto/blake2b.h"
#include "crypto/seal.h"

enum { TEXT_BYTES_MAX = 700 };

/* libsodium opens ours, and we open libsodium's. */
static void seals_are_libsodiums(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (size_t bytes = 0; bytes <= TEXT_BYTES_MAX; bytes += 70) {
        uint8_t secret[32], public_key[32], ephemeral[32], text[TEXT_BYTES_MAX + 1];
        uint8_t sealed[TEXT_BYTES_MAX + SEAL_BYTES], opened[TEXT_BYTES_MAX + 1];
        random_fill(&random, secret, sizeof secret);
        random_fill(&random, ephemeral, sizeof ephemeral);
        random_fill(&random, text, sizeof text);
        crypto_scalarmult_base(public_key, secret);
        assert_int_equal(seal_make(sealed, text, bytes, public_key, ephemeral), 0);
        assert_int_equal(
            crypto_box_seal_open(opened, sealed, bytes + SEAL_BYTES, public_key, secret), 0);
        assert_memory_equal(opened, text, bytes);
        assert_int_equal(crypto_box_seal(sealed, text, bytes, public_key), 0);
        memset(opened, 0, sizeof opened);
        assert_int_equal(seal_open(opened, sealed, bytes + SEAL_BYTES, public_key, secret), 0);
        assert_memory_equal(opened, text, bytes);
    }
}

static void what_is_not_whole_is_refused(void **state)
{
    (void)state;
    const uint8_t secret[32] = {5}, ephemeral[32] = {6}, zeros[32] = {0}, text[3] = {1, 2, 3};
    uint8_t public_key[32], sealed[sizeof text + SEAL_BYTES] = {0x55}, opened[sizeof text] = {9};
    crypto_scalarmult_base(public_key, secret);
    assert_int_equal(seal_make(sealed, text, sizeof text, zeros, ephemeral), -EINVAL);
    assert_int_equal(sealed[0], 0x55);
    assert_int_equal(seal_make(sealed, text, sizeof text, public_key, ephemeral), 0);
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 0x80;
        assert_int_equal(seal_open(opened, sealed, sizeof sealed, public_key, secret), -EBADMSG);
        sealed[i] ^= 0x80;
        assert_int_equal(seal_open(opened, sealed, i, public_key, secret), -EBADMSG);
    }
    memset(sealed, 0, 32); /* E of small order */
    assert_int_equal(seal_open(opened, sealed, sizeof sealed, public_key, secret), -EBADMSG);
    assert_int_equal(opened[0], 9);
}

/* RFC 7693, appendix A: BLAKE2b-512 of "abc"; and lengths and keys that make others. */
static void blake2b_is_that_of_the_rfc(void **state)
{
    (void)state;
    static const uint8_t begin[8] = {0xba, 0x80, 0xa5, 0x3f, 0x98, 0x1c, 0x4d, 0x0d};
    const struct hash_part parts[] = {{"a", 1}, {"bc", 2}};
    uint8_t digest[64], other[64], key[32] = {1};
    blake2b(digest, 64, NULL, 0, parts, 2);
    assert_memory_equal(digest, begin, sizeof begin);
    blake2b(other, 32, NULL, 0, parts, 2);
    assert_memory_not_equal(digest, other, 32);
    blake2b(other, 64, key, sizeof key, parts, 2);
    assert_memory_not_equal(digest, other, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals_are_libsodiums),
        cmocka_unit_test(what_is_not_whole_is_refused),
        cmocka_unit_test(blake2b_is_that_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
