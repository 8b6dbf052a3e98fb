#include "base/writer.h"

#include <string.h>

#include "base/cursor.h"

void writer_put(struct writer *writer, const void *data, size_t bytes)
{
    if (writer->at && bytes > 0)
        memcpy(writer->at + writer->bytes, data, bytes);
    writer->bytes += bytes;
}

void writer_zeros(struct writer *writer, size_t bytes)
{
    if (writer->at && bytes > 0)
        memset(writer->at + writer->bytes, 0, bytes);
    writer->bytes += bytes;
}

void writer_u8(struct writer *writer, uint8_t value)
{
    writer_put(writer, &value, 1);
}

void writer_be16(struct writer *writer, uint16_t value)
{
    uint8_t bytes[2];
    put_be16(bytes, value);
    writer_put(writer, bytes, sizeof bytes);
}

void writer_be32(struct writer *writer, uint32_t value)
{
    uint8_t bytes[4];
    put_be32(bytes, value);
    writer_put(writer, bytes, sizeof bytes);
}

void writer_be64(struct writer *writer, uint64_t value)
{
    uint8_t bytes[8];
    put_be64(bytes, value);
    writer_put(writer, bytes, sizeof bytes);
}
