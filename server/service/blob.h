/* A buffer that is measured, allocated and filled. */
#ifndef REUNION_SERVICE_BLOB_H
#define REUNION_SERVICE_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct blob {
    uint8_t *data; /* malloc's */
    size_t bytes;
};

/* Room for `count` pieces of a size, and at least one byte. Returns: 0, -ENOMEM. */
MUST_CHECK int blob_new(struct blob *blob, size_t count, size_t piece_bytes);

/* The same bytes once more. Returns: 0, -ENOMEM. */
MUST_CHECK int blob_copy(struct blob *copy, const struct blob *blob);

/* Room for `count` pieces more. Returns: 0, -ENOMEM (the blob is as it was). */
MUST_CHECK int blob_reserve(struct blob *blob, size_t count, size_t piece_bytes);

/* Append bytes for which there is room. */
void blob_add(struct blob *blob, const uint8_t *bytes, size_t count);

/* Release it; a blob of zeros is fine. */
void blob_free(struct blob *blob);

#endif
