#include <string.h>

#include "bucket/cache.h"
#include "bucket/staging.h"

/* How buckets come, close and go. */

/* The next id of a place in time: its window and the number there. Where the clock has stepped back
 * by no more than AHEAD_S_MAX, time stands still for ids; by more, and ids go on where the clock
 * is, before those of the future. Of a window all may be taken, as an edited file may have it. */
static struct bucket_id next_id(const struct bucket *current, const uint8_t *place,
                                uint64_t window_s, int64_t now_s)
{
    uint64_t at_s = now_s > 0 ? (uint64_t)now_s : 0;
    struct bucket_id id = {.created = at_s - at_s % window_s};
    if (place)
        memcpy(id.place, place, ID_BYTES);
    if (!current || current->id.created < id.created)
        return id;
    id.created = current->id.created;
    id.sequence = current->id.sequence + 1;
    if (id.sequence == 0)
        id.created += window_s;
    return id;
}

static void add_opened(struct batch *batch, struct bucket *bucket)
{
    const struct link_slots *slots = bucket->content->slots;
    batch_add_opened(batch, bucket, slots ? slots->seed : NULL);
}

static const struct place *place_of(const struct table *table, char kind, const uint8_t *tag)
{
    return kind == BUCKET_KIND_LINKS ? &table->links.common : table_place(table, tag);
}

/* Whether one more bucket may be opened. Returns: 0, -EMFILE, -EUSERS. */
static int check_room(const struct table *table, const struct place *place)
{
    if (table->bucket_count - table->expiring_count >= table->rules.buckets_max)
        return -EMFILE;
    return place || table->rendezvous.places.count < table->rules.places_max ? 0 : -EUSERS;
}

int table_stage_bucket(struct table *table, struct batch *batch, char kind, const uint8_t *place,
                       int64_t now_s, struct bucket **opened)
{
    const struct place *there = place_of(table, kind, place);
    struct bucket_id id = next_id(there ? place_current(there, now_s) : NULL, place,
                                  (uint64_t)bucket_window_s(kind, &table->rules), now_s);
    int err = check_room(table, there);
    if (err)
        return err;
    if (kind == BUCKET_KIND_LINKS && id.sequence >= table->rules.link_buckets_max)
        return -ENFILE;
    struct bucket *bucket = bucket_new(kind, &id, &table->rules, table->random);
    err = bucket ? batch_reserve(batch, 1) : -ENOMEM;
    if (!err)
        err = table_link_bucket(table, bucket);
    if (err) {
        bucket_free(bucket);
        return err;
    }
    err = table_cache_new(table, bucket);
    if (err) {
        table_unlink_bucket(table, bucket);
        bucket_free(bucket);
        return err;
    }
    add_opened(batch, bucket);
    *opened = bucket;
    return 0;
}

static int stage_closing(const struct table *table, struct batch *batch,
                         const struct bucket_list *bucket_list, int64_t now_s)
{
    struct bucket *bucket = bucket_list->unclosed;
    for (int left = CLOSED_AT_ONCE; bucket && now_s >= bucket_closes_s(bucket, &table->rules);
         bucket = bucket->newer) {
        if (bucket->closed)
            continue;
        if (left-- == 0)
            break;
        if (batch_reserve(batch, 1))
            return -ENOMEM;
        batch_add_closed(batch, bucket);
    }
    return 0;
}

/* Close what is ahead of the clock, and bound its life by the clock as it is now. */
static int stage_ahead(struct table *table, struct batch *batch, struct bucket_list *bucket_list,
                       int64_t now_s)
{
    int64_t ends_s = now_s + table->rules.lifetime_s;
    int left = CLOSED_AT_ONCE;
    for (struct bucket *bucket = bucket_list->newest; bucket && bucket_is_ahead(bucket, now_s);
         bucket = bucket->older) {
        if (bucket->closed && bucket->ends_s != 0 && bucket->ends_s <= ends_s)
            continue;
        if (left-- == 0)
            break;
        if (batch_reserve(batch, 1))
            return -ENOMEM;
        if (bucket->ends_s == 0 || bucket->ends_s > ends_s)
            table_shorten(table, bucket, ends_s);
        batch_add_closed(batch, bucket);
    }
    return 0;
}

/* From the oldest on; where some have an end of their own, these are anywhere. */
static int stage_expiry(struct table *table, struct batch *batch,
                        const struct bucket_list *bucket_list, int64_t now_s)
{
    struct bucket *bucket = bucket_list->oldest;
    for (int left = EXPIRED_AT_ONCE; bucket; bucket = bucket->newer) {
        bool expired = bucket_is_expired(bucket, &table->rules, now_s);
        if (!expired && bucket_list->shortened > 0)
            continue;
        if (!expired || left-- == 0)
            break;
        if (batch_reserve(batch, 1))
            return -ENOMEM;
        bucket->expiring = true;
        table->expiring_count++;
        batch_add_expired(batch, bucket);
    }
    return 0;
}

int table_stage_time(struct table *table, struct batch *batch, int64_t now_s)
{
    struct bucket_list *const lists[] = {&table->rendezvous, &table->links};
    int err = 0;
    census_turn(&table->rendezvous.common.census, stamp_hour(now_s));
    for (size_t i = 0; !err && i < sizeof lists / sizeof lists[0]; i++) {
        err = stage_ahead(table, batch, lists[i], now_s);
        if (!err)
            err = stage_closing(table, batch, lists[i], now_s);
        if (!err)
            err = stage_expiry(table, batch, lists[i], now_s);
    }
    return err;
}
