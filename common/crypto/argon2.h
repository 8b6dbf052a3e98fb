/* Argon2 with one lane, in plain C. */
#ifndef REUNION_CRYPTO_ARGON2_H
#define REUNION_CRYPTO_ARGON2_H

#include <stddef.h>
#include <stdint.h>

/* Source: RFC 9106, version 0x13, without secret and associated data. For builds without libargon2;
 * argon2i.h and argon2id.h are what programs use. */

enum argon2_kind { ARGON2_KIND_I = 1, ARGON2_KIND_ID = 2 };
enum { ARGON2_BLOCK_BYTES = 1024, ARGON2_MEMORY_KIB_MIN = 8 };

struct argon2_block {
    uint64_t word[ARGON2_BLOCK_BYTES / 8];
};

struct argon2_cost {
    uint32_t passes;     /* at least 1 */
    uint32_t memory_kib; /* a multiple of four, at least ARGON2_MEMORY_KIB_MIN */
};

/* hash = `hash_bytes` (4 to 64) bytes of `password` under `salt`. `memory` has cost->memory_kib
 * blocks; what is left in it is the caller's to wipe. The addresses that Argon2id reads depend on
 * the password from the third slice on, as its definition wants; Argon2i's do not. Any thread. */
void argon2_hash(uint8_t *hash, size_t hash_bytes, enum argon2_kind kind,
                 const struct argon2_cost *cost, struct argon2_block *memory,
                 const uint8_t *password, size_t password_bytes, const uint8_t *salt,
                 size_t salt_bytes);

#endif
