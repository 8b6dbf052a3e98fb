/* HKDF with HMAC-BLAKE2b-512 (RFC 5869). */
#ifndef REUNION_CRYPTO_HKDF_H
#define REUNION_CRYPTO_HKDF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { HKDF_PRK_BYTES = 64 };

/* RFC 5869, 2.2: the pseudorandom key of `key` under `salt`. The caller wipes it. Any thread.
 * Returns: 0, -ENOMEM (`prk` untouched). */
MUST_CHECK int hkdf_extract(uint8_t prk[static HKDF_PRK_BYTES], const uint8_t *key,
                            size_t key_bytes, const uint8_t *salt, size_t salt_bytes);

/* RFC 5869, 2.3: `out_bytes` (1 to 64·255) bytes for `info`. Any thread.
 * Returns: 0, -ENOMEM (`out` wiped). */
MUST_CHECK int hkdf_expand(uint8_t *out, size_t out_bytes, const uint8_t prk[static HKDF_PRK_BYTES],
                           const uint8_t *info, size_t info_bytes);

#endif
