/* Argon2i with REUNION's parameters: stretches a passphrase. */
#ifndef REUNION_CRYPTO_ARGON2I_H
#define REUNION_CRYPTO_ARGON2I_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    ARGON2I_SALT_BYTES = 32,
    ARGON2I_HASH_BYTES = 32,
    ARGON2I_PASSES = 3,
    ARGON2I_MEMORY_KIB = 100000,
};

/* RFC 9106, version 0x13, one lane, no secret, no associated data. Uses 100 MB for the call and
 * wipes them; takes its time on purpose. Any thread.
 * Returns: 0, -ENOMEM, -EINVAL (`password_bytes` over 2^32-1); `hash` is untouched then. */
MUST_CHECK int argon2i(uint8_t hash[static ARGON2I_HASH_BYTES], const uint8_t *password,
                       size_t password_bytes, const uint8_t salt[static ARGON2I_SALT_BYTES]);

#endif
