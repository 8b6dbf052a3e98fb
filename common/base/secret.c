#include "base/secret.h"

#include <sodium.h>
#include <string.h>

int secret_init(void)
{
    return sodium_init() < 0 ? -EIO : 0;
}

void *secret_alloc(size_t bytes)
{
    void *secret = sodium_malloc(bytes);
    if (secret)
        memset(secret, 0, bytes);
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
