#include "crypto/argon2i.h"

#include <argon2.h>
#include <string.h>
#include <sys/mman.h>

#include "base/secret.h"

/* The library's memory, all pages of it at once: one by one, as they are first touched, they take a
 * tenth of the time. Larger pages would save more where the system has some at hand, and where
 * it has to make them first, which no call can know, take longer than they save. */
static int memory_open(uint8_t **memory, size_t bytes)
{
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (mapped == MAP_FAILED)
        return ARGON2_MEMORY_ALLOCATION_ERROR;
    (void)madvise(mapped, bytes, MADV_DONTDUMP);
    *memory = mapped;
    return ARGON2_OK;
}

/* The library has wiped it. */
static void memory_close(uint8_t *memory, size_t bytes)
{
    (void)munmap(memory, bytes);
}

/* The library takes what it only reads by pointers that could change it. */
static uint8_t *only_read(const uint8_t *bytes)
{
    return (uint8_t *)(uintptr_t)bytes;
}

int argon2i(uint8_t hash[static ARGON2I_HASH_BYTES], const uint8_t *password, size_t password_bytes,
            const uint8_t salt[static ARGON2I_SALT_BYTES])
{
    uint8_t derived[ARGON2I_HASH_BYTES];
    if (password_bytes > UINT32_MAX)
        return -EINVAL;
    argon2_context context = {
        .out = derived,
        .outlen = sizeof derived,
        .pwd = only_read(password),
        .pwdlen = (uint32_t)password_bytes,
        .salt = only_read(salt),
        .saltlen = ARGON2I_SALT_BYTES,
        .t_cost = ARGON2I_PASSES,
        .m_cost = ARGON2I_MEMORY_KIB,
        .lanes = 1,
        .threads = 1,
        .version = ARGON2_VERSION_13,
        .allocate_cbk = memory_open,
        .free_cbk = memory_close,
        .flags = ARGON2_DEFAULT_FLAGS,
    };
    int result = argon2i_ctx(&context);
    if (result == ARGON2_OK)
        memcpy(hash, derived, sizeof derived);
    secret_wipe(derived, sizeof derived);
    /* With every parameter in range, only the memory can be missing. */
    return result == ARGON2_OK ? 0 : -ENOMEM;
}
