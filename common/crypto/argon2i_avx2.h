/* Argon2i with AVX2, for argon2i.c where the processor has it. */
#ifndef REUNION_CRYPTO_ARGON2I_AVX2_H
#define REUNION_CRYPTO_ARGON2I_AVX2_H

#include <stdbool.h>

#include "crypto/argon2i.h"

/* Whether this build and this processor can. Any thread. */
bool argon2i_avx2_available(void);

/* What argon2i does, in half the time of libargon2 as Debian builds it, without vectors. */
MUST_CHECK int argon2i_avx2(uint8_t hash[static ARGON2I_HASH_BYTES], const uint8_t *password,
                            size_t password_bytes, const uint8_t salt[static ARGON2I_SALT_BYTES]);

#endif
