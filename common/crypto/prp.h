/* A keyed permutation of 32 bytes: unauthenticated on purpose. */
#ifndef REUNION_CRYPTO_PRP_H
#define REUNION_CRYPTO_PRP_H

#include <stdint.h>

#include "base/err.h"

enum { PRP_BYTES = 32, PRP_KEY_BYTES = 32 };

/* AES-256 (FIPS 197) on both 16-byte halves independently. Every key turns every input into
 * something that looks valid, so a wrong passphrase shows nowhere. Any thread.
 * Returns: 0, -ENOMEM (`out` untouched). `out` may be `in`. */
MUST_CHECK int prp_encrypt(uint8_t out[static PRP_BYTES], const uint8_t key[static PRP_KEY_BYTES],
                           const uint8_t in[static PRP_BYTES]);
MUST_CHECK int prp_decrypt(uint8_t out[static PRP_BYTES], const uint8_t key[static PRP_KEY_BYTES],
                           const uint8_t in[static PRP_BYTES]);

#endif
