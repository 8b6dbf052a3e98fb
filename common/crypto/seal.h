/* Sealed boxes: libsodium's crypto_box_seal, with the ephemeral key as a parameter. */
#ifndef REUNION_CRYPTO_SEAL_H
#define REUNION_CRYPTO_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/x25519.h"

/* A seal is E (32) || tag (16) || ciphertext: XSalsa20-Poly1305 under HSalsa20 of the shared point,
 * nonce BLAKE2b-192(E || public key). Constant time but for the result. Any thread. */

enum {
    SEAL_TAG_BYTES = 16,
    SEAL_BYTES = X25519_BYTES + SEAL_TAG_BYTES, /* longer than what is sealed */
};

/* Seal `bytes` bytes to `public_key`; `ephemeral` are 32 random bytes, for this one seal. `sealed`
 * has room for SEAL_BYTES more than `bytes`, and does not overlap `plaintext`.
 * Returns: 0, -EINVAL (a public key of small order; `sealed` is untouched then). */
MUST_CHECK int seal_make(uint8_t *sealed, const uint8_t *plaintext, size_t bytes,
                         const uint8_t public_key[static X25519_BYTES],
                         const uint8_t ephemeral[static X25519_BYTES]);

/* Open a seal of `sealed_bytes` bytes with the key pair that it was made for. `plaintext` has room
 * for SEAL_BYTES less, and does not overlap `sealed`.
 * Returns: 0, -EBADMSG (too short, for another key, altered, or E is of small order; `plaintext` is
 * untouched then). */
MUST_CHECK int seal_open(uint8_t *plaintext, const uint8_t *sealed, size_t sealed_bytes,
                         const uint8_t public_key[static X25519_BYTES],
                         const uint8_t secret_key[static X25519_BYTES]);

/* The same with the shared point itself, for keys whose secret is a product of several. */
MUST_CHECK int seal_open_with(uint8_t *plaintext, const uint8_t *sealed, size_t sealed_bytes,
                              const uint8_t public_key[static X25519_BYTES],
                              const uint8_t point[static X25519_BYTES]);

#endif
