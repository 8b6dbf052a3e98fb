#include "crypto/seal.h"

#include <sodium.h>
#include <string.h>

#include "base/declassify.h"
#include "base/secret.h"
#include "crypto/blake2b.h"

_Static_assert((int)SEAL_BYTES == (int)crypto_box_SEALBYTES, "libsodium's seal");

static void make_nonce(uint8_t nonce[static crypto_secretbox_NONCEBYTES],
                       const uint8_t ephemeral_public[static X25519_BYTES],
                       const uint8_t public_key[static X25519_BYTES])
{
    const struct hash_part parts[] = {{ephemeral_public, X25519_BYTES}, {public_key, X25519_BYTES}};
    blake2b(nonce, crypto_secretbox_NONCEBYTES, NULL, 0, parts, 2);
}

static void make_key(uint8_t key[static crypto_secretbox_KEYBYTES],
                     const uint8_t point[static X25519_BYTES])
{
    static const uint8_t zeros[crypto_core_hsalsa20_INPUTBYTES] = {0};
    crypto_core_hsalsa20(key, zeros, point, NULL);
}

int seal_make(uint8_t *sealed, const uint8_t *plaintext, size_t bytes,
              const uint8_t public_key[static X25519_BYTES],
              const uint8_t ephemeral[static X25519_BYTES])
{
    static const uint8_t base_point[X25519_BYTES] = {9};
    uint8_t point[X25519_BYTES], key[crypto_secretbox_KEYBYTES];
    uint8_t nonce[crypto_secretbox_NONCEBYTES];
    x25519(point, ephemeral, public_key);
    int zero = sodium_is_zero(point, sizeof point);
    declassify(&zero, sizeof zero); /* a property of the public key */
    if (!zero) {
        x25519(sealed, ephemeral, base_point);
        make_nonce(nonce, sealed, public_key);
        make_key(key, point);
        crypto_secretbox_easy(sealed + X25519_BYTES, plaintext, bytes, nonce, key);
        secret_wipe(key, sizeof key);
    }
    secret_wipe(point, sizeof point);
    return zero ? -EINVAL : 0;
}

enum { STREAM_BLOCK_BYTES = 64 };

/* crypto_secretbox_open_easy, but for the one branch: that on whether the box opened is here, where
 * it is told to be public. The stream's first 32 bytes are the tag's key.
 * Returns: 0, -EBADMSG. */
static int open_box(uint8_t *plaintext, const uint8_t *box, size_t box_bytes,
                    const uint8_t nonce[static crypto_secretbox_NONCEBYTES],
                    const uint8_t key[static crypto_secretbox_KEYBYTES])
{
    uint8_t block[STREAM_BLOCK_BYTES];
    const uint8_t *ciphertext = box + SEAL_TAG_BYTES, *mask = block + crypto_onetimeauth_KEYBYTES;
    size_t bytes = box_bytes - SEAL_TAG_BYTES, masks = sizeof block - crypto_onetimeauth_KEYBYTES;
    size_t first = bytes < masks ? bytes : masks;
    crypto_stream_xsalsa20(block, sizeof block, nonce, key);
    int failed = crypto_onetimeauth_poly1305_verify(box, ciphertext, bytes, block);
    declassify(&failed, sizeof failed); /* what becomes of it shows it */
    if (!failed) {
        for (size_t i = 0; i < first; i++)
            plaintext[i] = ciphertext[i] ^ mask[i];
        crypto_stream_xsalsa20_xor_ic(plaintext + first, ciphertext + first, bytes - first, nonce,
                                      1, key);
    }
    secret_wipe(block, sizeof block);
    return failed ? -EBADMSG : 0;
}

int seal_open_with(uint8_t *plaintext, const uint8_t *sealed, size_t sealed_bytes,
                   const uint8_t public_key[static X25519_BYTES],
                   const uint8_t point[static X25519_BYTES])
{
    uint8_t key[crypto_secretbox_KEYBYTES], nonce[crypto_secretbox_NONCEBYTES];
    if (sealed_bytes < SEAL_BYTES)
        return -EBADMSG;
    int zero = sodium_is_zero(point, X25519_BYTES);
    declassify(&zero, sizeof zero); /* a property of E, which was sent */
    if (zero)
        return -EBADMSG;
    make_nonce(nonce, sealed, public_key);
    make_key(key, point);
    int err = open_box(plaintext, sealed + X25519_BYTES, sealed_bytes - X25519_BYTES, nonce, key);
    secret_wipe(key, sizeof key);
    return err;
}

int seal_open(uint8_t *plaintext, const uint8_t *sealed, size_t sealed_bytes,
              const uint8_t public_key[static X25519_BYTES],
              const uint8_t secret_key[static X25519_BYTES])
{
    uint8_t point[X25519_BYTES];
    if (sealed_bytes < SEAL_BYTES)
        return -EBADMSG;
    x25519(point, secret_key, sealed);
    int err = seal_open_with(plaintext, sealed, sealed_bytes, public_key, point);
    secret_wipe(point, sizeof point);
    return err;
}
