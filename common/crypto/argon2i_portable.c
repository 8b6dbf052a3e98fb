/* Argon2i for builds without libargon2. */
#include <stdlib.h>

#include "base/secret.h"
#include "crypto/argon2.h"
#include "crypto/argon2i.h"

int argon2i(uint8_t hash[static ARGON2I_HASH_BYTES], const uint8_t *password, size_t password_bytes,
            const uint8_t salt[static ARGON2I_SALT_BYTES])
{
    static const struct argon2_cost cost = {.passes = ARGON2I_PASSES,
                                            .memory_kib = ARGON2I_MEMORY_KIB};
    if (password_bytes > UINT32_MAX)
        return -EINVAL;
    struct argon2_block *memory = malloc((size_t)cost.memory_kib * sizeof *memory);
    if (!memory)
        return -ENOMEM;
    argon2_hash(hash, ARGON2I_HASH_BYTES, ARGON2_KIND_I, &cost, memory, password, password_bytes,
                salt, ARGON2I_SALT_BYTES);
    secret_wipe(memory, (size_t)cost.memory_kib * sizeof *memory);
    free(memory);
    return 0;
}
