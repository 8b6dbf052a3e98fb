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

/* Append a change, of which `staged` is the part in memory. */
static struct change *append(struct batch *batch, enum change_kind kind, struct staged staged)
{
    INVARIANT(batch->count < batch->capacity);
    struct change *change = &batch->changes[batch->count];
    batch->staged[batch->count++] = staged;
    *change =
        (struct change){.kind = kind, .bucket_kind = staged.bucket->kind, .id = staged.bucket->id};
    return change;
}

void batch_add_opened(struct batch *batch, struct bucket *bucket, const uint8_t *seed)
{
    append(batch, CHANGE_BUCKET_OPENED, (struct staged){.bucket = bucket})->seed = seed;
}

void batch_add_closed(struct batch *batch, struct bucket *bucket)
{
    append(batch, CHANGE_BUCKET_CLOSED, (struct staged){.bucket = bucket})->ends_s = bucket->ends_s;
}

void batch_add_expired(struct batch *batch, struct bucket *bucket)
{
    append(batch, CHANGE_BUCKET_EXPIRED, (struct staged){.bucket = bucket});
}

void batch_add_t1(struct batch *batch, struct t1_entry *t1)
{
    const struct staged staged = {.bucket = t1->bucket, .entry = &t1->entry};
    append(batch, CHANGE_T1_ADDED, staged)->t1 =
        (struct store_t1){.id = t1->id,
                          .bytes = t1->bytes,
                          .key_hash = t1->keyed ? t1->key_hash : NULL,
                          .stamp = t1->staged};
}

void batch_add_record(struct batch *batch, struct bucket *bucket, struct record_entry *record,
                      struct t1_entry *sender)
{
    const struct staged staged = {.bucket = bucket, .entry = &record->entry, .sender = sender};
    append(batch, CHANGE_RECORD_ADDED, staged)->record =
        (struct store_record){record->entry.kind, record->bytes};
}

void batch_add_link(struct batch *batch, struct bucket *bucket, struct link_entry *link)
{
    const struct staged staged = {.bucket = bucket, .link = link};
    append(batch, CHANGE_LINK_ADDED, staged)->link = (struct store_link){link->slot, link->bytes};
}

void batch_add_sent(struct batch *batch, struct t1_entry *sender)
{
    const struct staged staged = {.bucket = sender->bucket, .sender = sender};
    append(batch, CHANGE_SENT, staged)->t1 = (struct store_t1){.id = sender->id};
}

void batch_add_raise(struct batch *batch, struct t1_entry *t1, const struct stamp *stamp)
{
    const struct staged staged = {.bucket = t1->bucket, .sender = t1, .before = t1->staged};
    append(batch, CHANGE_T1_RAISED, staged)->t1 = (struct store_t1){.id = t1->id, .stamp = *stamp};
}

void batch_seal(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->changes[i].kind == CHANGE_SENT)
            batch->changes[i].t1.records = batch->staged[i].sender->records;
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
