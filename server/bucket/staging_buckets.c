#include "bucket/staging_buckets.h"

#include <string.h>

#include "bucket/cache.h"

enum { UNNAMED_PART = 4 }; /* of all buckets, those that named places may not have */

/* Opening */

static void undo_opening(const struct staged *staged)
{
    struct table *table = staged->bucket->list->table;
    table_forget(table, staged->bucket);
    table_unlink_bucket(table, staged->bucket);
    bucket_free(staged->bucket);
}

static void publish_opening(const struct staged *staged)
{
    staged->bucket->visible = true;
}

static void add_opening(struct batch *batch, struct bucket *bucket)
{
    static const struct staged_methods methods = {undo_opening, publish_opening, NULL};
    const struct staged staged = {.methods = &methods, .bucket = bucket};
    struct change *change = batch_add(batch, CHANGE_BUCKET_OPENED, &staged);
    if (bucket->content->kind)
        bucket->content->kind->describe(bucket->content, change);
}

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

/* Whether one more bucket may be opened, in a place that is there or (NULL) a new one. Some are
 * kept for what has no name: whoever opens places shuts nobody out of the common one.
 * Returns: 0, -EMFILE, -EUSERS. */
static int check_room(const struct bucket_list *list, const struct place *place)
{
    const struct table *table = list->table;
    size_t most = table->rules.buckets_max;
    if (place != &list->common)
        most -= most / UNNAMED_PART;
    if (table->bucket_count - table->expiring_count >= most)
        return -EMFILE;
    return place || list->places.count < table->rules.places_max ? 0 : -EUSERS;
}

int table_stage_bucket(struct bucket_list *list, struct batch *batch, const uint8_t *place,
                       int64_t now_s, struct bucket **opened)
{
    struct table *table = list->table;
    const struct place *there = table_list_place(list, place);
    struct bucket_id id =
        next_id(there ? place_current(there, now_s) : NULL, place, (uint64_t)list->window_s, now_s);
    int err = check_room(list, there);
    if (err)
        return err;
    if (id.sequence >= list->window_buckets_max)
        return -ENFILE;
    struct bucket *bucket = bucket_new(list, &id, table->random);
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
    add_opening(batch, bucket);
    *opened = bucket;
    return 0;
}

/* Closing */

static void publish_closing(const struct staged *staged)
{
    table_close_bucket(staged->bucket);
}

void table_stage_closing(struct batch *batch, struct bucket *bucket)
{
    static const struct staged_methods methods = {NULL, publish_closing, NULL};
    const struct staged staged = {.methods = &methods, .bucket = bucket};
    batch_add(batch, CHANGE_BUCKET_CLOSED, &staged)->ends_s = bucket->ends_s;
}

static int stage_closing(struct batch *batch, const struct bucket_list *list, int64_t now_s)
{
    struct bucket *bucket = list->unclosed;
    for (int left = CLOSED_AT_ONCE; bucket && now_s >= bucket_closes_s(bucket);
         bucket = bucket->newer) {
        if (bucket->closed)
            continue;
        if (left-- == 0)
            break;
        if (batch_reserve(batch, 1))
            return -ENOMEM;
        table_stage_closing(batch, bucket);
    }
    return 0;
}

/* Close what is ahead of the clock, and bound its life by the clock as it is now. */
static int stage_ahead(struct batch *batch, const struct bucket_list *list, int64_t now_s)
{
    int64_t ends_s = now_s + list->table->rules.lifetime_s;
    int left = CLOSED_AT_ONCE;
    for (struct bucket *bucket = list->newest; bucket && bucket_is_ahead(bucket, now_s);
         bucket = bucket->older) {
        if (bucket->closed && bucket->ends_s != 0 && bucket->ends_s <= ends_s)
            continue;
        if (left-- == 0)
            break;
        if (batch_reserve(batch, 1))
            return -ENOMEM;
        if (bucket->ends_s == 0 || bucket->ends_s > ends_s)
            table_shorten(bucket, ends_s);
        table_stage_closing(batch, bucket);
    }
    return 0;
}

/* Expiry */

static void undo_expiry(const struct staged *staged)
{
    staged->bucket->expiring = false;
    staged->bucket->list->table->expiring_count--;
}

/* Take a dead bucket and its T1s out of the table, and remember its hash. */
static void publish_expiry(const struct staged *staged)
{
    struct bucket *bucket = staged->bucket;
    struct table *table = bucket->list->table;
    census_remove(&bucket->place->census, &bucket->paid, bucket->t1_visible);
    table_unlink_bucket(table, bucket);
    table_forget(table, bucket);
    table->expiring_count--;
    expired_hashes_add(&bucket->list->expired, bucket->bucket_hash);
    bucket->older = table->dead;
    table->dead = bucket;
}

static void add_expiry(struct batch *batch, struct bucket *bucket)
{
    static const struct staged_methods methods = {undo_expiry, publish_expiry, NULL};
    const struct staged staged = {.methods = &methods, .bucket = bucket, .wakes = &bucket->waiters};
    batch_add(batch, CHANGE_BUCKET_EXPIRED, &staged);
}

/* From the oldest on; where some have an end of their own, these are anywhere. */
static int stage_expiry(struct batch *batch, const struct bucket_list *list, int64_t now_s)
{
    struct table *table = list->table;
    struct bucket *bucket = list->oldest;
    for (int left = EXPIRED_AT_ONCE; bucket; bucket = bucket->newer) {
        bool expired = bucket_is_expired(bucket, &table->rules, now_s);
        if (!expired && list->shortened > 0)
            continue;
        if (!expired || left-- == 0)
            break;
        if (batch_reserve(batch, 1))
            return -ENOMEM;
        bucket->expiring = true;
        table->expiring_count++;
        add_expiry(batch, bucket);
    }
    return 0;
}

int table_stage_time(struct table *table, struct batch *batch, int64_t now_s)
{
    int err = 0;
    census_turn(&table->rendezvous.common.census, stamp_hour(now_s));
    for (const struct bucket_list *list = &table->rendezvous; !err && list; list = list->next) {
        err = stage_ahead(batch, list, now_s);
        if (!err)
            err = stage_closing(batch, list, now_s);
        if (!err)
            err = stage_expiry(batch, list, now_s);
    }
    return err;
}

/* Loading */

/* By time, number and place, as the store has them. */
static bool is_after(const struct bucket_id *a, const struct bucket_id *b)
{
    if (a->created != b->created)
        return a->created > b->created;
    if (a->sequence != b->sequence)
        return a->sequence > b->sequence;
    return memcmp(a->place, b->place, ID_BYTES) > 0;
}

int table_load_bucket(struct table *table, char kind, const struct bucket_id *id, bool closed,
                      struct bucket **loaded)
{
    struct bucket_list *list = table_list(table, kind);
    const struct bucket *newest = list->newest;
    if (newest && !is_after(id, &newest->id))
        return -EBADMSG;
    struct bucket *bucket = bucket_new(list, id, table->random);
    int err = bucket ? table_link_bucket(table, bucket) : -ENOMEM;
    if (err) {
        bucket_free(bucket);
        return err;
    }
    bucket->visible = true;
    if (list->kind->loaded)
        list->kind->loaded(list, bucket);
    if (closed)
        table_close_bucket(bucket);
    *loaded = bucket;
    return 0;
}
