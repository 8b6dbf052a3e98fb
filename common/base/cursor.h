/* Bounds-checked reading of untrusted bytes. */
#ifndef REUNION_BASE_CURSOR_H
#define REUNION_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A reading place in somebody else's bytes. The error is sticky: after a read past the end every
 * further read fails too, so that a parser checks once, at its end. */
struct cursor {
    const uint8_t *at;
    size_t left; /* bytes */
    bool failed;
};

struct cursor cursor_over(const uint8_t *data, size_t bytes);

/* The next `bytes` bytes, or NULL (and the cursor has failed). The bytes stay the owner's. */
const uint8_t *cursor_take(struct cursor *cursor, size_t bytes);

/* Copy the next `bytes` bytes to `out`; zeros if there are not as many. */
void cursor_copy(struct cursor *cursor, uint8_t *out, size_t bytes);

/* Unsigned integers; 0 after a failure. */
uint8_t cursor_u8(struct cursor *cursor);
uint16_t cursor_be16(struct cursor *cursor);
uint32_t cursor_be32(struct cursor *cursor);
uint64_t cursor_be64(struct cursor *cursor);

/* Returns: 0 if all was read and nothing failed, else -EBADMSG. */
MUST_CHECK int cursor_finish(const struct cursor *cursor);

/* The writing counterparts, for fixed places the caller has measured. */
void put_be16(uint8_t out[static 2], uint16_t value);
void put_be32(uint8_t out[static 4], uint32_t value);
void put_be64(uint8_t out[static 8], uint64_t value);

#endif
