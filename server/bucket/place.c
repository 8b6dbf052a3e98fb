#include "bucket/place.h"

#include <stdlib.h>
#include <string.h>

#include "bucket/bucket.h"

struct place *place_new(const uint8_t tag[static ID_BYTES])
{
    struct place *place = calloc(1, sizeof *place);
    if (place)
        memcpy(place->tag, tag, ID_BYTES);
    return place;
}

struct bucket *place_current(const struct place *place, int64_t now_s)
{
    struct bucket *bucket = place->current;
    while (bucket && (!bucket->on_grid || bucket_is_ahead(bucket, now_s)))
        bucket = bucket->older_there;
    return bucket;
}

static bool is_before(const struct bucket_id *a, const struct bucket_id *b)
{
    return a->created != b->created ? a->created < b->created : a->sequence < b->sequence;
}

void place_link(struct place *place, struct bucket *bucket)
{
    struct bucket *older = place->newest, *newer = NULL;
    for (; older && is_before(&bucket->id, &older->id); older = older->older_there)
        newer = older;
    bucket->place = place;
    bucket->older_there = older;
    bucket->newer_there = newer;
    *(older ? &older->newer_there : &place->oldest) = bucket;
    *(newer ? &newer->older_there : &place->newest) = bucket;
    if (bucket->on_grid && (!place->current || is_before(&place->current->id, &bucket->id)))
        place->current = bucket;
    place->bucket_count++;
}

void place_unlink(struct place *place, struct bucket *bucket)
{
    *(bucket->older_there ? &bucket->older_there->newer_there : &place->oldest) =
        bucket->newer_there;
    *(bucket->newer_there ? &bucket->newer_there->older_there : &place->newest) =
        bucket->older_there;
    if (place->current == bucket)
        do
            place->current = place->current->older_there;
        while (place->current && !place->current->on_grid);
    bucket->place = NULL;
    place->bucket_count--;
}
