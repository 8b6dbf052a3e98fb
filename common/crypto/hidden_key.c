#include "crypto/hidden_key.h"

#include <sodium.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/elligator2.h"
#include "crypto/ladder25519.h"

/* u of a point D of order 8·L: one of the prime order L plus one of order 8. */
static const uint8_t full_order_point[32] = {
    0xd8, 0x86, 0x1a, 0xa2, 0x78, 0x7a, 0xd9, 0x26, 0x8b, 0x74, 0x74, 0xb6, 0x82, 0xe3, 0xbe, 0xc3,
    0xce, 0x36, 0x9a, 0x1e, 0x5e, 0x31, 0x47, 0xa2, 0x6d, 0x37, 0x7c, 0xfd, 0x20, 0xb5, 0xdf, 0x75};

/* L = 2^252 + 27742317777372353535851937790883648493, little-endian. */
static const uint8_t subgroup_order[32] = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

/* clamp(secret) + (secret mod 8)·L, below 2^256. The second term adds a point of small order to the
 * public key, and x25519 with `secret` later clamps it away. */
static void dirty_scalar(uint8_t scalar[static 32], const uint8_t secret[static 32])
{
    unsigned multiple = secret[0] & 7, carry = 0;
    memcpy(scalar, secret, 32);
    scalar[0] &= 0xf8;
    scalar[31] = (uint8_t)((scalar[31] & 0x7f) | 0x40);
    for (int i = 0; i < 32; i++) {
        carry += scalar[i] + multiple * subgroup_order[i];
        scalar[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

/* u of scalar·D, over all 256 bits of the scalar. */
static void dirty_public_key(uint8_t u[static 32], const uint8_t secret[static 32])
{
    uint8_t scalar[32];
    dirty_scalar(scalar, secret);
    ladder25519(u, scalar, fe25519_decode(full_order_point));
    secret_wipe(scalar, sizeof scalar);
}

void hidden_key_pair(uint8_t hidden[static HIDDEN_KEY_BYTES],
                     uint8_t secret[static HIDDEN_KEY_BYTES],
                     const uint8_t seed[static HIDDEN_KEY_SEED_BYTES])
{
    static const uint8_t zero_nonce[crypto_stream_chacha20_NONCEBYTES];
    struct {
        uint8_t candidate[32]; /* the secret key */
        uint8_t next_seed[32]; /* its first byte is the tweak */
    } stream;
    uint8_t stream_key[32], public_key[32];

    _Static_assert(sizeof stream == 64, "one ChaCha20 block");
    memcpy(stream_key, seed, sizeof stream_key);
    for (;;) {
        crypto_stream_chacha20((uint8_t *)&stream, sizeof stream, zero_nonce, stream_key);
        dirty_public_key(public_key, stream.candidate);
        if (elligator2_inverse(hidden, public_key, stream.next_seed[0]) == 0)
            break;
        memcpy(stream_key, stream.next_seed, sizeof stream_key);
    }
    memcpy(secret, stream.candidate, sizeof stream.candidate);
    secret_wipe(&stream, sizeof stream);
    secret_wipe(stream_key, sizeof stream_key);
    secret_wipe(public_key, sizeof public_key);
}
