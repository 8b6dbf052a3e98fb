/* What stands in for libsodium, libcrypto and libargon2 in WebAssembly, against them on random
 * inputs of every length. The build names the stand-ins portable_…; what they declare is as in
 * theirs. */
#include "lib/test.h"

#include <sodium.h>
#include <string.h>

#include "crypto/argon2i.h"
#include "crypto/argon2id.h"
#include "crypto/hkdf.h"
#include "crypto/prp.h"
#include "ctidh/shake256.h"

enum { ROUNDS = 300, BYTES = 300 };

#define STAND_IN(name) extern __typeof__(name) portable_##name
STAND_IN(sodium_malloc);
STAND_IN(sodium_free);
STAND_IN(sodium_memcmp);
STAND_IN(sodium_is_zero);
STAND_IN(sodium_increment);
STAND_IN(sodium_bin2hex);
STAND_IN(sodium_hex2bin);
STAND_IN(randombytes_buf);
STAND_IN(crypto_shorthash);
STAND_IN(crypto_generichash);
STAND_IN(crypto_scalarmult_curve25519);
STAND_IN(crypto_stream_chacha20);
STAND_IN(crypto_aead_xchacha20poly1305_ietf_encrypt_detached);
STAND_IN(crypto_aead_xchacha20poly1305_ietf_decrypt_detached);
STAND_IN(crypto_pwhash_argon2id);
STAND_IN(argon2i);
STAND_IN(argon2id_open);
STAND_IN(argon2id_run);
STAND_IN(argon2id_close);
STAND_IN(hkdf_extract);
STAND_IN(hkdf_expand);
STAND_IN(prp_encrypt);
STAND_IN(prp_decrypt);
STAND_IN(shake256);

static struct seeded seeded;

static void fill(uint8_t *bytes, size_t count)
{
    struct random_source source = seeded_source(&seeded);
    random_fill(&source, bytes, count);
}

static void test_hashes(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t in[BYTES], key[64], ours[64], theirs[64];
        size_t bytes = seeded_below(&seeded, BYTES + 1), out = 16 + seeded_below(&seeded, 49);
        size_t key_bytes = i % 2 ? 16 + seeded_below(&seeded, 49) : 0;
        fill(in, sizeof in);
        fill(key, sizeof key);
        assert_int_equal(portable_crypto_generichash(ours, out, in, bytes, key, key_bytes), 0);
        assert_int_equal(crypto_generichash(theirs, out, in, bytes, key, key_bytes), 0);
        assert_memory_equal(ours, theirs, out);
        portable_crypto_shorthash(ours, in, bytes, key);
        crypto_shorthash(theirs, in, bytes, key);
        assert_memory_equal(ours, theirs, 8);
    }
}

static void test_streams_and_boxes(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t in[BYTES], ad[BYTES], key[32], nonce[24], ours[BYTES], theirs[BYTES];
        uint8_t tag[16], their_tag[16];
        size_t bytes = seeded_below(&seeded, BYTES + 1), ad_bytes = seeded_below(&seeded, BYTES);
        fill(in, sizeof in);
        fill(ad, sizeof ad);
        fill(key, sizeof key);
        fill(nonce, sizeof nonce);
        portable_crypto_stream_chacha20(ours, bytes, nonce, key);
        crypto_stream_chacha20(theirs, bytes, nonce, key);
        assert_memory_equal(ours, theirs, bytes);
        portable_crypto_aead_xchacha20poly1305_ietf_encrypt_detached(ours, tag, NULL, in, bytes, ad,
                                                                     ad_bytes, NULL, nonce, key);
        crypto_aead_xchacha20poly1305_ietf_encrypt_detached(theirs, their_tag, NULL, in, bytes, ad,
                                                            ad_bytes, NULL, nonce, key);
        assert_memory_equal(ours, theirs, bytes);
        assert_memory_equal(tag, their_tag, sizeof tag);
        assert_int_equal(portable_crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
                             ours, NULL, theirs, bytes, tag, ad, ad_bytes, nonce, key),
                         0);
        assert_memory_equal(ours, in, bytes);
        tag[seeded_below(&seeded, sizeof tag)] ^= 1;
        assert_int_equal(portable_crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
                             ours, NULL, theirs, bytes, tag, ad, ad_bytes, nonce, key),
                         -1);
    }
}

/* Also sums that are not below 2^130 - 5: keys and texts of ones. */
static void test_extreme_tags(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes < 96; bytes++) {
        uint8_t in[96], key[32], nonce[24] = {0}, ours[96], tag[16], their_tag[16], theirs[96];
        memset(in, 0xff, sizeof in);
        memset(key, (int)(0xff - bytes), sizeof key);
        portable_crypto_aead_xchacha20poly1305_ietf_encrypt_detached(ours, tag, NULL, in, bytes, in,
                                                                     bytes, NULL, nonce, key);
        crypto_aead_xchacha20poly1305_ietf_encrypt_detached(theirs, their_tag, NULL, in, bytes, in,
                                                            bytes, NULL, nonce, key);
        assert_memory_equal(tag, their_tag, sizeof tag);
    }
}

static void test_x25519(void **state)
{
    (void)state;
    for (int i = 0; i < 64; i++) {
        uint8_t secret[32], point[32], ours[32], theirs[32] = {0};
        fill(secret, sizeof secret);
        fill(point, sizeof point);
        if (i < 2)
            memset(point, 0, sizeof point);
        point[0] = i == 1 ? 1 : point[0];
        int refused = crypto_scalarmult_curve25519(theirs, secret, point);
        assert_int_equal(portable_crypto_scalarmult_curve25519(ours, secret, point), refused);
        assert_memory_equal(ours, theirs, sizeof ours);
    }
}

static void test_libcrypto(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t key[BYTES], in[BYTES], ours[2 * BYTES], theirs[2 * BYTES];
        size_t bytes = seeded_below(&seeded, BYTES + 1);
        size_t key_bytes = 1 + seeded_below(&seeded, BYTES), out = 1 + seeded_below(&seeded, 600);
        fill(key, sizeof key);
        fill(in, sizeof in);
        assert_int_equal(portable_prp_encrypt(ours, key, in) | prp_encrypt(theirs, key, in), 0);
        assert_memory_equal(ours, theirs, PRP_BYTES);
        assert_int_equal(portable_prp_decrypt(ours, key, in) | prp_decrypt(theirs, key, in), 0);
        assert_memory_equal(ours, theirs, PRP_BYTES);
        assert_int_equal(portable_shake256(ours, out, in, bytes) | shake256(theirs, out, in, bytes),
                         0);
        assert_memory_equal(ours, theirs, out);
        assert_int_equal(portable_hkdf_extract(ours, key, key_bytes, in, bytes) |
                             hkdf_extract(theirs, key, key_bytes, in, bytes),
                         0);
        assert_memory_equal(ours, theirs, HKDF_PRK_BYTES);
        memcpy(key, ours, HKDF_PRK_BYTES);
        assert_int_equal(portable_hkdf_expand(ours, out, key, in, bytes) |
                             hkdf_expand(theirs, out, key, in, bytes),
                         0);
        assert_memory_equal(ours, theirs, out);
    }
}

static void test_argon2(void **state)
{
    (void)state;
    uint8_t password[BYTES], salt[32], ours[64], theirs[64];
    fill(password, sizeof password);
    fill(salt, sizeof salt);
    for (uint32_t kib = 8; kib < 1500; kib = 3 * kib & ~3U) {
        struct argon2id_memory *memory, *their_memory;
        assert_int_equal(portable_argon2id_open(&memory, kib), 0);
        assert_int_equal(argon2id_open(&their_memory, kib), 0);
        assert_int_equal(portable_argon2id_run(memory, ours, password, kib % BYTES, salt), 0);
        assert_int_equal(argon2id_run(their_memory, theirs, password, kib % BYTES, salt), 0);
        assert_memory_equal(ours, theirs, ARGON2ID_HASH_BYTES);
        portable_argon2id_close(memory);
        argon2id_close(their_memory);
        for (unsigned passes = 1; passes < 4; passes++) {
            assert_int_equal(portable_crypto_pwhash_argon2id(ours, 64, (char *)password, 40, salt,
                                                             passes, kib * 1024, 2),
                             0);
            assert_int_equal(crypto_pwhash_argon2id(theirs, 64, (char *)password, 40, salt, passes,
                                                    kib * 1024, 2),
                             0);
            assert_memory_equal(ours, theirs, 64);
        }
    }
    assert_int_equal(
        portable_argon2i(ours, password, 33, salt) | argon2i(theirs, password, 33, salt), 0);
    assert_memory_equal(ours, theirs, ARGON2I_HASH_BYTES);
}

static void test_bytes(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t a[BYTES], b[BYTES];
        char ours[2 * BYTES + 1], theirs[2 * BYTES + 1];
        size_t bytes = 1 + seeded_below(&seeded, BYTES);
        fill(a, sizeof a);
        memcpy(b, a, sizeof b);
        assert_int_equal(portable_sodium_memcmp(a, b, bytes), 0);
        b[seeded_below(&seeded, bytes)] ^= (uint8_t)(1 << seeded_below(&seeded, 8));
        assert_int_equal(portable_sodium_memcmp(a, b, bytes), -1);
        assert_string_equal(portable_sodium_bin2hex(ours, sizeof ours, a, bytes),
                            sodium_bin2hex(theirs, sizeof theirs, a, bytes));
        assert_int_equal(portable_sodium_hex2bin(b, bytes, ours, 2 * bytes, NULL, NULL, NULL), 0);
        assert_memory_equal(a, b, bytes);
        ours[seeded_below(&seeded, 2 * bytes)] = 'g';
        assert_int_equal(portable_sodium_hex2bin(b, bytes, ours, 2 * bytes, NULL, NULL, NULL), -1);
        memset(a, i % 2 ? 0xff : 0xfe, seeded_below(&seeded, bytes));
        memcpy(b, a, sizeof b);
        portable_sodium_increment(a, bytes);
        sodium_increment(b, bytes);
        assert_memory_equal(a, b, bytes);
        memset(a, 0, sizeof a);
        assert_int_equal(portable_sodium_is_zero(a, bytes), 1);
        a[seeded_below(&seeded, bytes)] = 0x80;
        assert_int_equal(portable_sodium_is_zero(a, bytes), 0);
    }
    assert_null(portable_sodium_malloc(SIZE_MAX));
}

/* Every place gets something in a few draws, also behind what one call of the system gives. */
static void test_randomness(void **state)
{
    (void)state;
    uint8_t drawn[600], seen[600] = {0};
    for (int i = 0; i < 16; i++) {
        portable_randombytes_buf(drawn, sizeof drawn);
        for (size_t at = 0; at < sizeof drawn; at++)
            seen[at] |= drawn[at];
    }
    for (size_t at = 0; at < sizeof seen; at++)
        assert_int_not_equal(seen[at], 0);
}

int main(void)
{
    seeded = seeded_open();
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes),       cmocka_unit_test(test_streams_and_boxes),
        cmocka_unit_test(test_extreme_tags), cmocka_unit_test(test_x25519),
        cmocka_unit_test(test_libcrypto),    cmocka_unit_test(test_argon2),
        cmocka_unit_test(test_bytes),        cmocka_unit_test(test_randomness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
