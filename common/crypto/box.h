/* Boxes between two X25519 keys: XSalsa20-Poly1305, the tag first. */
#ifndef REUNION_CRYPTO_BOX_H
#define REUNION_CRYPTO_BOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"

/* Source: Bernstein, "Cryptography in NaCl" (2009), as libsodium's crypto_box_easy. The agreement
 * is apart from sealing and opening, so that a key that serves many boxes is computed once. */

enum {
    BOX_KEY_BYTES = 32,    /* a public or a secret X25519 key; secret ones are not clamped */
    BOX_SHARED_BYTES = 32, /* what two key pairs have in common */
    BOX_NONCE_BYTES = 24,
    BOX_TAG_BYTES = 16,
};

/* public_key = X25519(secret, 9). May alias. Constant time. Any thread. */
void box_public(uint8_t public_key[static BOX_KEY_BYTES],
                const uint8_t secret[static BOX_KEY_BYTES]);

/* A fresh key pair: `secret` is BOX_KEY_BYTES from `random`. As thread-safe as the source is. */
void box_pair(uint8_t public_key[static BOX_KEY_BYTES], uint8_t secret[static BOX_KEY_BYTES],
              const struct random_source *random);

/* shared = HSalsa20(X25519(secret, public_key), 0), the key of boxes in both directions. Constant
 * time. Any thread.
 * Returns: 0, -EBADMSG (`public_key` has small order: the product is zeros; `shared` is untouched).
 */
MUST_CHECK int box_agree(uint8_t shared[static BOX_SHARED_BYTES],
                         const uint8_t secret[static BOX_KEY_BYTES],
                         const uint8_t public_key[static BOX_KEY_BYTES]);

/* box = tag || ciphertext, BOX_TAG_BYTES + plaintext_bytes long; `plaintext` may be NULL when there
 * is none, and may overlap `box`. A nonce serves one plaintext of a key. Any thread. */
void box_seal(uint8_t *box, const uint8_t shared[static BOX_SHARED_BYTES],
              const uint8_t nonce[static BOX_NONCE_BYTES], const uint8_t *plaintext,
              size_t plaintext_bytes);

/* Open a box into `plaintext`, which has box_bytes - BOX_TAG_BYTES bytes and may overlap `box`. Any
 * thread.
 * Returns: 0, -EBADMSG (another key or nonce, altered, or shorter than a tag; `plaintext` is
 * untouched). */
MUST_CHECK int box_open(uint8_t *plaintext, const uint8_t shared[static BOX_SHARED_BYTES],
                        const uint8_t nonce[static BOX_NONCE_BYTES], const uint8_t *box,
                        size_t box_bytes);

#endif
