#include "bucket/entry.h"

#include <stdlib.h>

#include "bucket/bucket.h"

int batch_reserve(struct batch *batch, size_t more)
{
    if (batch->capacity - batch->count >= more)
        return 0;
    size_t capacity = 2 * batch->capacity + more;
    struct change *changes = reallocarray(batch->changes, capacity, sizeof *changes);
    if (!changes)
        return -ENOMEM;
    batch->changes = changes;
    batch->capacity = capacity;
    return 0;
}

void batch_add(struct batch *batch, enum change_kind kind, struct bucket *bucket,
               struct entry *entry)
{
    INVARIANT(batch->count < batch->capacity);
    batch->changes[batch->count++] = (struct change){kind, bucket->id, bucket, entry};
}

void batch_clear(struct batch *batch)
{
    batch->count = 0;
}

void batch_free(struct batch *batch)
{
    free(batch->changes);
    *batch = (struct batch){0};
}
