/* Argon2id for builds without libargon2. */
#include <stdlib.h>

#include "crypto/argon2.h"
#include "crypto/argon2id.h"

struct argon2id_memory {
    uint32_t kib;
    struct argon2_block blocks[];
};

int argon2id_open(struct argon2id_memory **opened, uint32_t memory_kib)
{
    struct argon2id_memory *memory =
        malloc(sizeof *memory + (size_t)memory_kib * sizeof memory->blocks[0]);
    if (!memory)
        return -ENOMEM;
    memory->kib = memory_kib;
    *opened = memory;
    return 0;
}

void argon2id_close(struct argon2id_memory *memory)
{
    free(memory);
}

int argon2id_run(struct argon2id_memory *memory, uint8_t hash[static ARGON2ID_HASH_BYTES],
                 const uint8_t *password, size_t password_bytes,
                 const uint8_t salt[static ARGON2ID_SALT_BYTES])
{
    if (password_bytes > UINT32_MAX)
        return -EINVAL;
    argon2_hash(hash, ARGON2ID_HASH_BYTES, ARGON2_KIND_ID,
                &(struct argon2_cost){.passes = 1, .memory_kib = memory->kib}, memory->blocks,
                password, password_bytes, salt, ARGON2ID_SALT_BYTES);
    return 0;
}
