#include "base/cursor.h"

#include <string.h>

struct cursor cursor_over(const uint8_t *data, size_t bytes)
{
    return (struct cursor){.at = data, .left = bytes, .failed = false};
}

const uint8_t *cursor_take(struct cursor *cursor, size_t bytes)
{
    if (cursor->failed || bytes > cursor->left) {
        cursor->failed = true;
        return NULL;
    }
    const uint8_t *taken = cursor->at;
    if (bytes > 0)
        cursor->at += bytes;
    cursor->left -= bytes;
    return taken;
}

void cursor_copy(struct cursor *cursor, uint8_t *out, size_t bytes)
{
    if (bytes == 0)
        return;
    const uint8_t *taken = cursor_take(cursor, bytes);
    if (taken)
        memcpy(out, taken, bytes);
    else
        memset(out, 0, bytes);
}

uint8_t cursor_u8(struct cursor *cursor)
{
    uint8_t byte;
    cursor_copy(cursor, &byte, 1);
    return byte;
}

uint16_t cursor_be16(struct cursor *cursor)
{
    uint8_t b[2];
    cursor_copy(cursor, b, sizeof b);
    return (uint16_t)(b[0] << 8 | b[1]);
}

uint32_t cursor_be32(struct cursor *cursor)
{
    uint8_t b[4];
    cursor_copy(cursor, b, sizeof b);
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

uint64_t cursor_be64(struct cursor *cursor)
{
    uint64_t high = cursor_be32(cursor);
    return high << 32 | cursor_be32(cursor);
}

int cursor_finish(const struct cursor *cursor)
{
    return cursor->failed || cursor->left > 0 ? -EBADMSG : 0;
}

void put_be16(uint8_t out[static 2], uint16_t value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

void put_be32(uint8_t out[static 4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

void put_be64(uint8_t out[static 8], uint64_t value)
{
    put_be32(out, (uint32_t)(value >> 32));
    put_be32(out + 4, (uint32_t)value);
}
