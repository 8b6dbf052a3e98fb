/* Bounds-checked writing of bytes, the counterpart of cursor.h. */
#ifndef REUNION_BASE_WRITER_H
#define REUNION_BASE_WRITER_H

#include <stddef.h>
#include <stdint.h>

/* A place in the caller's memory, which must have room; with NULL nothing is written and only the
 * bytes are counted, so that one function both measures and writes. */
struct writer {
    uint8_t *at;
    size_t bytes; /* written, or counted, so far */
};

void writer_put(struct writer *writer, const void *data, size_t bytes);
void writer_zeros(struct writer *writer, size_t bytes);

/* Unsigned integers, the most significant byte first. */
void writer_u8(struct writer *writer, uint8_t value);
void writer_be16(struct writer *writer, uint16_t value);
void writer_be32(struct writer *writer, uint32_t value);
void writer_be64(struct writer *writer, uint64_t value);

#endif
