#include "crypto/argon2id.h"

#include <argon2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct argon2id_memory {
    uint8_t *bytes;
    size_t size;
    uint32_t kib;
};

/* The library's callbacks have no argument for the memory, and call on the thread that computes. */
static _Thread_local struct argon2id_memory *in_use;

static int memory_take(uint8_t **memory, size_t bytes)
{
    if (bytes > in_use->size)
        return ARGON2_MEMORY_ALLOCATION_ERROR;
    *memory = in_use->bytes;
    return ARGON2_OK;
}

static void memory_leave(uint8_t *memory, size_t bytes)
{
    (void)memory;
    (void)bytes;
}

int argon2id_open(struct argon2id_memory **opened, uint32_t memory_kib)
{
    struct argon2id_memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        return -ENOMEM;
    memory->kib = memory_kib;
    memory->size = (size_t)memory_kib * 1024;
    void *mapped = mmap(NULL, memory->size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (mapped == MAP_FAILED) {
        free(memory);
        return -ENOMEM;
    }
    memory->bytes = mapped;
    *opened = memory;
    return 0;
}

void argon2id_close(struct argon2id_memory *memory)
{
    if (!memory)
        return;
    (void)munmap(memory->bytes, memory->size);
    free(memory);
}

/* The library takes what it only reads by pointers that could change it. */
static uint8_t *only_read(const uint8_t *bytes)
{
    return (uint8_t *)(uintptr_t)bytes;
}

int argon2id_run(struct argon2id_memory *memory, uint8_t hash[static ARGON2ID_HASH_BYTES],
                 const uint8_t *password, size_t password_bytes,
                 const uint8_t salt[static ARGON2ID_SALT_BYTES])
{
    uint8_t derived[ARGON2ID_HASH_BYTES];
    if (password_bytes > UINT32_MAX)
        return -EINVAL;
    argon2_context context = {
        .out = derived,
        .outlen = sizeof derived,
        .pwd = only_read(password),
        .pwdlen = (uint32_t)password_bytes,
        .salt = only_read(salt),
        .saltlen = ARGON2ID_SALT_BYTES,
        .t_cost = 1,
        .m_cost = memory->kib,
        .lanes = 1,
        .threads = 1,
        .version = ARGON2_VERSION_13,
        .allocate_cbk = memory_take,
        .free_cbk = memory_leave,
        .flags = ARGON2_DEFAULT_FLAGS,
    };
    in_use = memory;
    int result = argon2id_ctx(&context);
    in_use = NULL;
    if (result != ARGON2_OK)
        return result == ARGON2_MEMORY_ALLOCATION_ERROR ? -ENOMEM : -EINVAL;
    memcpy(hash, derived, sizeof derived);
    return 0;
}
