#include "bucket/batch.h"

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
    struct staged *staged = reallocarray(batch->staged, capacity, sizeof *staged);
    if (!staged)
        return -ENOMEM;
    batch->staged = staged;
    batch->capacity = capacity;
    return 0;
}

struct change *batch_add(struct batch *batch, enum change_kind kind, const struct staged *staged)
{
    INVARIANT(batch->count < batch->capacity);
    struct change *change = &batch->changes[batch->count];
    batch->staged[batch->count++] = *staged;
    *change = (struct change){.kind = kind};
    if (staged->bucket) {
        change->bucket_kind = staged->bucket->list->kind->letter;
        change->id = staged->bucket->id;
    }
    return change;
}

void batch_seal(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct staged *staged = &batch->staged[i];
        if (staged->methods->seal)
            staged->methods->seal(staged, &batch->changes[i]);
    }
}

void batch_rollback(struct batch *batch, size_t from)
{
    while (batch->count > from) {
        const struct staged *staged = &batch->staged[--batch->count];
        if (staged->methods->undo)
            staged->methods->undo(staged);
    }
}

void batch_publish(const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        batch->staged[i].methods->publish(&batch->staged[i]);
}

void batch_clear(struct batch *batch)
{
    batch->count = 0;
}

void batch_free(struct batch *batch)
{
    free(batch->changes);
    free(batch->staged);
    *batch = (struct batch){0};
}
