/* Argon2id with one pass and one lane, in memory that is reused: proof of work. */
#ifndef REUNION_CRYPTO_ARGON2ID_H
#define REUNION_CRYPTO_ARGON2ID_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* DESIGN: stamps are thousands of computations of half a millisecond, of which mapping a megabyte
 * and touching its pages anew would take a tenth. The computing thread therefore keeps the memory
 * from one computation to the next. It never holds a secret: what is hashed is public. */

enum { ARGON2ID_SALT_BYTES = 16, ARGON2ID_HASH_BYTES = 32 };

/* The memory of one computation at a time. */
struct argon2id_memory;

/* Map `memory_kib` kibibytes (at least 8), all pages at once. Any thread.
 * Returns: 0 (the memory is the caller's until argon2id_close), -ENOMEM. */
MUST_CHECK int argon2id_open(struct argon2id_memory **memory, uint32_t memory_kib);

/* Release it; NULL is fine. */
void argon2id_close(struct argon2id_memory *memory);

/* RFC 9106, version 0x13: one pass over the memory, one lane, no secret, no associated data. Any
 * thread, one at a time for each memory.
 * Returns: 0, -EINVAL (`password_bytes` over 2^32-1), -ENOMEM; `hash` is untouched then. */
MUST_CHECK int argon2id_run(struct argon2id_memory *memory,
                            uint8_t hash[static ARGON2ID_HASH_BYTES], const uint8_t *password,
                            size_t password_bytes, const uint8_t salt[static ARGON2ID_SALT_BYTES]);

#endif
