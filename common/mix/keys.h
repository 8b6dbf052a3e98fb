/* The primitives of the mix chain: keys of a hop, key stream, MAC, wide-block cipher. */
#ifndef REUNION_MIX_KEYS_H
#define REUNION_MIX_KEYS_H

#include <stddef.h>
#include <stdint.h>

/* Source: mix.md of the specification, "Primitives". Everything here is constant time for each
 * length. Any thread. */

enum {
    MIX_KEY_BYTES = 32,
    MIX_ALPHA_BYTES = 32,
    MIX_MAC_BYTES = 16,
    MIX_TAG_BYTES = 16,
    MIX_WIDE_KEY_BYTES = 128,
    MIX_WIDE_BYTES_MIN = 33, /* a left part of 32 bytes, and something right of it */
};

/* What one hop derives from the secret that it shares with the packet's maker. Secret, but for the
 * tag; their maker wipes them. */
struct mix_keys {
    uint8_t stream[MIX_KEY_BYTES];
    uint8_t mac[MIX_KEY_BYTES];
    uint8_t blind[MIX_KEY_BYTES]; /* an X25519 secret key */
    uint8_t payload[MIX_WIDE_KEY_BYTES];
    uint8_t tag[MIX_TAG_BYTES];
};

/* key = derive(secret, alpha, label, bytes), with `bytes` from 16 to 64. */
void mix_derive(uint8_t *key, size_t bytes, const uint8_t secret[static MIX_KEY_BYTES],
                const uint8_t alpha[static MIX_ALPHA_BYTES], const char *label);

/* All keys of a hop that shares `secret` and receives `alpha`. */
void mix_keys_derive(struct mix_keys *keys, const uint8_t secret[static MIX_KEY_BYTES],
                     const uint8_t alpha[static MIX_ALPHA_BYTES]);

/* data ^= the first `bytes` bytes of stream(key, .). */
void mix_stream_xor(uint8_t *data, size_t bytes, const uint8_t key[static MIX_KEY_BYTES]);

/* mac = mac(key, data). */
void mix_mac(uint8_t mac[static MIX_MAC_BYTES], const uint8_t key[static MIX_KEY_BYTES],
             const uint8_t *data, size_t bytes);

/* Encrypt a block of at least MIX_WIDE_BYTES_MIN bytes in place with LIONESS (Anderson and Biham
 * 1996): each bit of the result depends on each bit of the block. mix_wide_inverse leads back. */
void mix_wide(uint8_t *block, size_t bytes, const uint8_t key[static MIX_WIDE_KEY_BYTES]);
void mix_wide_inverse(uint8_t *block, size_t bytes, const uint8_t key[static MIX_WIDE_KEY_BYTES]);

#endif
