/* BLAKE2b (RFC 7693) with a key or without, and an output of any length up to 64 bytes. */
#ifndef REUNION_CRYPTO_BLAKE2B_H
#define REUNION_CRYPTO_BLAKE2B_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"

enum { BLAKE2B_KEY_BYTES_MAX = 64, BLAKE2B_BYTES_MAX = 64 };

/* digest = BLAKE2b of all parts in order, with `bytes` (16 to BLAKE2B_BYTES_MAX) bytes of output;
 * `key` has `key_bytes` bytes (16 to BLAKE2B_KEY_BYTES_MAX), or is NULL with 0. The length of the
 * output is part of what is hashed: a short digest is not the beginning of a long one. Constant
 * time for each length. Any thread; working state is wiped. */
void blake2b(uint8_t *digest, size_t bytes, const uint8_t *key, size_t key_bytes,
             const struct hash_part *parts, size_t count);

#endif
