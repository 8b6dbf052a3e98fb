#include "service/blob.h"

#include <stdlib.h>
#include <string.h>

int blob_new(struct blob *blob, size_t count, size_t piece_bytes)
{
    uint8_t *data = reallocarray(NULL, count + 1, piece_bytes);
    if (!data)
        return -ENOMEM;
    *blob = (struct blob){.data = data};
    return 0;
}

int blob_copy(struct blob *copy, const struct blob *blob)
{
    struct blob made;
    int err = blob_new(&made, blob->bytes, 1);
    if (err)
        return err;
    blob_add(&made, blob->data, blob->bytes);
    *copy = made;
    return 0;
}

int blob_reserve(struct blob *blob, size_t count, size_t piece_bytes)
{
    size_t more;
    if (__builtin_mul_overflow(count + 1, piece_bytes, &more))
        return -ENOMEM;
    uint8_t *data = realloc(blob->data, blob->bytes + more);
    if (!data)
        return -ENOMEM;
    blob->data = data;
    return 0;
}

void blob_add(struct blob *blob, const uint8_t *bytes, size_t count)
{
    memcpy(blob->data + blob->bytes, bytes, count);
    blob->bytes += count;
}

void blob_free(struct blob *blob)
{
    free(blob->data);
    *blob = (struct blob){0};
}
