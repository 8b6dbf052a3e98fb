#include "base/secret.h"

#include <sodium.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int secret_init(void)
{
    return sodium_init() < 0 ? -EIO : 0;
}

void *secret_alloc(size_t bytes)
{
    /* What libsodium gives ends at the guard page, so its beginning is as aligned as its size. */
    size_t more = (alignof(max_align_t) - bytes % alignof(max_align_t)) % alignof(max_align_t);
    void *secret = bytes <= SIZE_MAX - more ? sodium_malloc(bytes + more) : NULL;
    if (secret)
        memset(secret, 0, bytes + more);
    return secret;
}

void secret_free(void *secret)
{
    sodium_free(secret);
}

void secret_wipe(void *secret, size_t bytes)
{
    sodium_memzero(secret, bytes);
}

bool secret_equal(const void *a, const void *b, size_t bytes)
{
    return sodium_memcmp(a, b, bytes) == 0;
}

void secret_select(uint8_t *out, const uint8_t *when_set, const uint8_t *when_clear, size_t bytes,
                   uint8_t mask)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)((when_set[i] & mask) | (when_clear[i] & (uint8_t)~mask));
}
