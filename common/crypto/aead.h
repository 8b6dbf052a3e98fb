/* XChaCha20-Poly1305 with keys that are used once. */
#ifndef REUNION_CRYPTO_AEAD_H
#define REUNION_CRYPTO_AEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Source: draft-irtf-cfrg-xchacha-03, with 24 zero bytes as nonce: sound because no key ever
 * seals two messages. A box is tag || ciphertext, the tag first. Any thread. */

enum { AEAD_KEY_BYTES = 32, AEAD_TAG_BYTES = 16 };

/* box = tag || ciphertext, AEAD_TAG_BYTES + plaintext_bytes long. */
void aead_seal(uint8_t *box, const uint8_t key[static AEAD_KEY_BYTES], const uint8_t *plaintext,
               size_t plaintext_bytes, const uint8_t *ad, size_t ad_bytes);

/* Open a box into `plaintext` (box_bytes - AEAD_TAG_BYTES long).
 * Returns: 0, -EBADMSG (wrong key, altered, or shorter than a tag; `plaintext` holds no secret). */
MUST_CHECK int aead_open(uint8_t *plaintext, const uint8_t key[static AEAD_KEY_BYTES],
                         const uint8_t *box, size_t box_bytes, const uint8_t *ad, size_t ad_bytes);

#endif
