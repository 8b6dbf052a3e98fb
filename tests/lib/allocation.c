#include "lib/allocation.h"

#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>

/* The linker's --wrap sends the code under test here, and __real_… to the library. */
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__real_reallocarray(void *old, size_t count, size_t bytes);
void *__real_sodium_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__wrap_reallocarray(void *old, size_t count, size_t bytes);
void *__wrap_sodium_malloc(size_t bytes);

/* Allocations until the one that fails; below 0: it has failed, or none is to. */
static atomic_llong until_failure = -1;
static atomic_bool happened;

static bool fails(void)
{
    if (atomic_load(&until_failure) < 0 || atomic_fetch_sub(&until_failure, 1) != 0)
        return false;
    atomic_store(&happened, true);
    return true;
}

void *__wrap_malloc(size_t bytes)
{
    return fails() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return fails() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    return fails() ? NULL : __real_realloc(old, bytes);
}

void *__wrap_reallocarray(void *old, size_t count, size_t bytes)
{
    return fails() ? NULL : __real_reallocarray(old, count, bytes);
}

void *__wrap_sodium_malloc(size_t bytes)
{
    return fails() ? NULL : __real_sodium_malloc(bytes);
}

static void *libcrypto_malloc(size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return __wrap_malloc(bytes);
}

static void *libcrypto_realloc(void *old, size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return __wrap_realloc(old, bytes);
}

static void libcrypto_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

void allocation_hook_libcrypto(void)
{
    CRYPTO_set_mem_functions(libcrypto_malloc, libcrypto_realloc, libcrypto_free);
}

void allocation_fail(size_t which)
{
    atomic_store(&happened, false);
    atomic_store(&until_failure, (long long)which);
}

bool allocation_relent(void)
{
    atomic_store(&until_failure, -1);
    return atomic_load(&happened);
}
