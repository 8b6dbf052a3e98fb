/* Memory of secrets, comparisons, and randomness. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

enum { HEAD_BYTES = 16, ENTROPY_BYTES_MAX = 256 };

int sodium_init(void)
{
    return 0;
}

void sodium_memzero(void *secret, size_t bytes)
{
    memset(secret, 0, bytes);
    /* The compiler must think that the zeros are read. */
    __asm__ volatile("" : : "r"(secret) : "memory");
}

/* The length stands before what is given out. */
void *sodium_malloc(size_t bytes)
{
    if (bytes > SIZE_MAX - HEAD_BYTES)
        return NULL;
    uint8_t *all = malloc(HEAD_BYTES + bytes);
    if (!all)
        return NULL;
    memcpy(all, &bytes, sizeof bytes);
    return all + HEAD_BYTES;
}

void sodium_free(void *secret)
{
    size_t bytes;
    if (!secret)
        return;
    uint8_t *all = (uint8_t *)secret - HEAD_BYTES;
    memcpy(&bytes, all, sizeof bytes);
    sodium_memzero(secret, bytes);
    free(all);
}

int sodium_memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *left = a, *right = b;
    unsigned difference = 0;
    for (size_t i = 0; i < bytes; i++)
        difference |= left[i] ^ right[i];
    return (int)(1 & (difference - 1) >> 8) - 1;
}

int sodium_is_zero(const unsigned char *bytes, size_t count)
{
    unsigned any = 0;
    for (size_t i = 0; i < count; i++)
        any |= bytes[i];
    return (int)(1 & (any - 1) >> 8);
}

void sodium_increment(unsigned char *number, size_t bytes)
{
    unsigned carry = 1;
    for (size_t i = 0; i < bytes; i++) {
        carry += number[i];
        number[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

void randombytes_buf(void *out, size_t bytes)
{
    uint8_t *at = out;
    while (bytes > 0) {
        size_t now = bytes < ENTROPY_BYTES_MAX ? bytes : ENTROPY_BYTES_MAX;
        INVARIANT(getentropy(at, now) == 0);
        at += now;
        bytes -= now;
    }
}
