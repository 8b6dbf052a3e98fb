#include "crypto/argon2i.h"

#include <argon2.h>
#include <string.h>

#include "base/secret.h"

int argon2i(uint8_t hash[static ARGON2I_HASH_BYTES], const uint8_t *password, size_t password_bytes,
            const uint8_t salt[static ARGON2I_SALT_BYTES])
{
    uint8_t derived[ARGON2I_HASH_BYTES];
    if (password_bytes > UINT32_MAX)
        return -EINVAL;
    int result = argon2i_hash_raw(ARGON2I_PASSES, ARGON2I_MEMORY_KIB, 1, password, password_bytes,
                                  salt, ARGON2I_SALT_BYTES, derived, sizeof derived);
    if (result == ARGON2_OK)
        memcpy(hash, derived, sizeof derived);
    secret_wipe(derived, sizeof derived);
    /* With every parameter in range, only the memory can be missing. */
    return result == ARGON2_OK ? 0 : -ENOMEM;
}
