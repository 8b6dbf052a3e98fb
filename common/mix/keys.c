#include "mix/keys.h"

#include <sodium.h>
#include <string.h>

#include "base/err.h"
#include "base/secret.h"
#include "crypto/blake2b.h"

enum {
    LEFT_BYTES = 32,
    PAYLOAD_KEY_HALF_BYTES = 64,
};

_Static_assert(crypto_stream_chacha20_KEYBYTES == (int)MIX_KEY_BYTES, "the stream's key");
_Static_assert(2 * (int)PAYLOAD_KEY_HALF_BYTES == (int)MIX_WIDE_KEY_BYTES, "two halves");
_Static_assert(LEFT_BYTES == (int)MIX_KEY_BYTES, "the left part is combined with keys");

void mix_derive(uint8_t *key, size_t bytes, const uint8_t secret[static MIX_KEY_BYTES],
                const uint8_t alpha[static MIX_ALPHA_BYTES], const char *label)
{
    static const char prefix[] = "reunion-mix-";
    const struct hash_part parts[] = {
        {prefix, sizeof prefix - 1},
        {label, strlen(label)},
        {alpha, MIX_ALPHA_BYTES},
    };
    blake2b(key, bytes, secret, MIX_KEY_BYTES, parts, sizeof parts / sizeof parts[0]);
}

void mix_keys_derive(struct mix_keys *keys, const uint8_t secret[static MIX_KEY_BYTES],
                     const uint8_t alpha[static MIX_ALPHA_BYTES])
{
    mix_derive(keys->stream, sizeof keys->stream, secret, alpha, "stream");
    mix_derive(keys->mac, sizeof keys->mac, secret, alpha, "mac");
    mix_derive(keys->tag, sizeof keys->tag, secret, alpha, "tag");
    mix_derive(keys->blind, sizeof keys->blind, secret, alpha, "blind");
    mix_derive(keys->payload, PAYLOAD_KEY_HALF_BYTES, secret, alpha, "payload-a");
    mix_derive(keys->payload + PAYLOAD_KEY_HALF_BYTES, PAYLOAD_KEY_HALF_BYTES, secret, alpha,
               "payload-b");
}

void mix_stream_xor(uint8_t *data, size_t bytes, const uint8_t key[static MIX_KEY_BYTES])
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES] = {0};
    crypto_stream_chacha20_xor(data, data, bytes, nonce, key);
}

void mix_mac(uint8_t mac[static MIX_MAC_BYTES], const uint8_t key[static MIX_KEY_BYTES],
             const uint8_t *data, size_t bytes)
{
    blake2b(mac, MIX_MAC_BYTES, key, MIX_KEY_BYTES, &(struct hash_part){data, bytes}, 1);
}

/* right ^= stream(left ^ key) */
static void stream_round(uint8_t *block, size_t bytes, const uint8_t key[static MIX_KEY_BYTES])
{
    uint8_t mixed[LEFT_BYTES];
    for (size_t i = 0; i < sizeof mixed; i++)
        mixed[i] = block[i] ^ key[i];
    mix_stream_xor(block + LEFT_BYTES, bytes - LEFT_BYTES, mixed);
    secret_wipe(mixed, sizeof mixed);
}

/* left ^= BLAKE2b-256(key, right) */
static void hash_round(uint8_t *block, size_t bytes, const uint8_t key[static MIX_KEY_BYTES])
{
    uint8_t digest[LEFT_BYTES];
    blake2b(digest, sizeof digest, key, MIX_KEY_BYTES,
            &(struct hash_part){block + LEFT_BYTES, bytes - LEFT_BYTES}, 1);
    for (size_t i = 0; i < sizeof digest; i++)
        block[i] ^= digest[i];
    secret_wipe(digest, sizeof digest);
}

void mix_wide(uint8_t *block, size_t bytes, const uint8_t key[static MIX_WIDE_KEY_BYTES])
{
    INVARIANT(bytes >= MIX_WIDE_BYTES_MIN);
    const uint8_t *k1 = key, *k2 = k1 + MIX_KEY_BYTES, *k3 = k2 + MIX_KEY_BYTES,
                  *k4 = k3 + MIX_KEY_BYTES;
    stream_round(block, bytes, k1);
    hash_round(block, bytes, k2);
    stream_round(block, bytes, k3);
    hash_round(block, bytes, k4);
}

void mix_wide_inverse(uint8_t *block, size_t bytes, const uint8_t key[static MIX_WIDE_KEY_BYTES])
{
    INVARIANT(bytes >= MIX_WIDE_BYTES_MIN);
    const uint8_t *k1 = key, *k2 = k1 + MIX_KEY_BYTES, *k3 = k2 + MIX_KEY_BYTES,
                  *k4 = k3 + MIX_KEY_BYTES;
    hash_round(block, bytes, k4);
    stream_round(block, bytes, k3);
    hash_round(block, bytes, k2);
    stream_round(block, bytes, k1);
}
