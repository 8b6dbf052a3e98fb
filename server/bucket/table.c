#include "bucket/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/owner_of.h"
#include "bucket/cache.h"

void table_init(struct table *table, const struct bucket_rules *rules,
                const struct random_source *random)
{
    INVARIANT(rules->capacity >= 1 && rules->capacity <= BUCKET_CAPACITY);
    static const struct bucket_kind rendezvous = {.letter = BUCKET_KIND_RENDEZVOUS};
    *table = (struct table){.rules = *rules, .random = random};
    table->rendezvous.kind = &rendezvous;
    table->rendezvous.table = table;
    table->rendezvous.window_s = rules->open_window_s;
    table->rendezvous.window_buckets_max = UINT64_MAX;
    TAILQ_INIT(&table->cached);
    random_fill(random, table->index_key, sizeof table->index_key);
}

void table_add_list(struct table *table, struct bucket_list *list)
{
    struct bucket_list *last = &table->rendezvous;
    while (last->next)
        last = last->next;
    last->next = list;
    list->table = table;
}

/* A place goes with its last bucket. */
static void drop_unused(struct bucket_list *list, struct place *place)
{
    if (place == &list->common || place->bucket_count > 0)
        return;
    index_remove(&list->places, &place->by_tag);
    free(place);
}

static void leave_place(struct bucket_list *list, struct bucket *bucket)
{
    struct place *place = bucket->place;
    place_unlink(place, bucket);
    drop_unused(list, place);
}

static void free_bucket_list(struct bucket_list *list)
{
    for (struct bucket *bucket = list->newest, *older; bucket; bucket = older) {
        older = bucket->older;
        leave_place(list, bucket);
        bucket_free(bucket);
    }
    index_free(&list->by_hash);
    index_free(&list->places);
    list->newest = list->oldest = list->unclosed = NULL;
}

struct bucket *table_take_dead(struct table *table)
{
    struct bucket *dead = table->dead;
    table->dead = NULL;
    return dead;
}

void table_free(struct table *table)
{
    for (struct bucket_list *list = &table->rendezvous; list; list = list->next)
        free_bucket_list(list);
    index_free(&table->t1_by_id);
    index_free(&table->evicted_t1s);
}

struct bucket_list *table_list(const struct table *table, char kind)
{
    const struct bucket_list *list = &table->rendezvous;
    while (list && list->kind->letter != kind)
        list = list->next;
    INVARIANT(list);
    return (struct bucket_list *)(uintptr_t)list;
}

/* Places */

static struct place *find_place(const struct bucket_list *list, const uint8_t tag[static ID_BYTES])
{
    uint64_t hash = index_hash(list->table->index_key, tag, ID_BYTES);
    for (struct index_node *node = index_first(&list->places, hash); node;
         node = index_next(node)) {
        struct place *place = OWNER_OF(node, struct place, by_tag);
        if (memcmp(place->tag, tag, ID_BYTES) == 0)
            return place;
    }
    return NULL;
}

struct place *table_list_place(const struct bucket_list *list, const uint8_t *tag)
{
    if (!tag || place_is_common(tag))
        return (struct place *)(uintptr_t)&list->common;
    return find_place(list, tag);
}

struct place *table_place(const struct table *table, const uint8_t *tag)
{
    return table_list_place(&table->rendezvous, tag);
}

/* The place a bucket is for, made if need be. Returns: 0, -ENOMEM. */
static int enter_place(struct bucket_list *list, const uint8_t tag[static ID_BYTES],
                       struct place **place)
{
    *place = table_list_place(list, tag);
    if (*place)
        return 0;
    *place = place_new(tag);
    if (!*place)
        return -ENOMEM;
    int err = index_insert(&list->places, &(*place)->by_tag,
                           index_hash(list->table->index_key, tag, ID_BYTES));
    if (err)
        free(*place);
    return err;
}

/* Finding */

static struct bucket *find_hash(const struct bucket_list *list, uint64_t hash,
                                const uint8_t bucket_hash[static ID_BYTES])
{
    for (struct index_node *node = index_first(&list->by_hash, hash); node;
         node = index_next(node)) {
        struct bucket *bucket = OWNER_OF(node, struct bucket, by_hash);
        if (memcmp(bucket->bucket_hash, bucket_hash, ID_BYTES) == 0)
            return bucket;
    }
    return NULL;
}

int table_find_bucket(const struct table *table, char kind,
                      const uint8_t bucket_hash[static ID_BYTES], int64_t now_s,
                      struct bucket **bucket)
{
    const struct bucket_list *list = table_list(table, kind);
    struct bucket *found =
        find_hash(list, index_hash(table->index_key, bucket_hash, ID_BYTES), bucket_hash);
    if (!found)
        return expired_hashes_have(&list->expired, bucket_hash) ? -EKEYEXPIRED : -ENOENT;
    if (bucket_is_expired(found, &table->rules, now_s))
        return -EKEYEXPIRED;
    if (!found->visible)
        return -ENOENT;
    *bucket = found;
    return 0;
}

struct t1_entry *table_sender(const struct table *table, const uint8_t id[static ID_BYTES],
                              int64_t now_s)
{
    uint64_t hash = table_t1_hash(table, id);
    for (struct index_node *node = index_first(&table->t1_by_id, hash); node;
         node = index_next(node)) {
        struct t1_entry *t1 = OWNER_OF(node, struct t1_entry, entry.node);
        if (memcmp(t1->id, id, ID_BYTES) == 0 &&
            !bucket_is_expired(t1->bucket, &table->rules, now_s))
            return t1;
    }
    return NULL;
}

const struct t1_entry *table_find_t1(const struct table *table, const uint8_t id[static ID_BYTES],
                                     int64_t now_s)
{
    const struct t1_entry *t1 = table_sender(table, id, now_s);
    return t1 && t1->entry.visible ? t1 : NULL;
}

struct bucket *table_find_evicted(const struct table *table, const uint8_t id[static ID_BYTES],
                                  int64_t now_s)
{
    uint64_t hash = table_t1_hash(table, id);
    for (struct index_node *node = index_first(&table->evicted_t1s, hash); node;
         node = index_next(node)) {
        struct bucket *bucket = OWNER_OF(node, struct evicted_t1, node)->bucket;
        if (!bucket_is_expired(bucket, &table->rules, now_s))
            return bucket;
    }
    return NULL;
}

static struct bucket *skip_hidden(const struct table *table, struct bucket *bucket, int64_t now_s)
{
    while (bucket && (!bucket->visible || bucket_is_expired(bucket, &table->rules, now_s)))
        bucket = bucket->older_there;
    return bucket;
}

struct bucket *table_newest(const struct table *table, const struct place *place, int64_t now_s)
{
    return skip_hidden(table, place ? place->newest : NULL, now_s);
}

struct bucket *table_older(const struct table *table, const struct bucket *bucket, int64_t now_s)
{
    return skip_hidden(table, bucket->older_there, now_s);
}

bool table_has_unaddressed(const struct table *table, const struct t1_entry *sender,
                           enum record_kind kind,
                           const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    uint32_t others = 0;
    const struct record_entry *record = content_find_record(
        sender->bucket->content, content_record_hash(table->index_key, kind, bytes), kind, bytes,
        &others);
    return record && record->entry.visible;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The same of buckets that are, or were found, ahead of the clock. */
static int64_t next_ahead_s(const struct bucket_list *list, const struct bucket_rules *rules,
                            int64_t now_s)
{
    int64_t next_s = INT64_MAX;
    for (const struct bucket *bucket = list->newest;
         bucket && (list->shortened > 0 || bucket_is_ahead(bucket, now_s));
         bucket = bucket->older) {
        if (bucket_is_ahead(bucket, now_s) && (!bucket->closed || bucket->ends_s == 0))
            return now_s;
        next_s = earlier(next_s, bucket_expires_s(bucket, rules, now_s));
    }
    return next_s;
}

static int64_t next_event_s(const struct bucket_list *list, const struct bucket_rules *rules,
                            int64_t now_s)
{
    int64_t next_s = next_ahead_s(list, rules, now_s);
    if (list->oldest)
        next_s = earlier(next_s, bucket_expires_s(list->oldest, rules, now_s));
    if (list->unclosed)
        next_s = earlier(next_s, bucket_closes_s(list->unclosed));
    return next_s;
}

int64_t table_next_event_s(const struct table *table, int64_t now_s)
{
    int64_t next_s = INT64_MAX;
    for (const struct bucket_list *list = &table->rendezvous; list; list = list->next)
        next_s = earlier(next_s, next_event_s(list, &table->rules, now_s));
    return next_s;
}

int64_t table_next_expiry_s(const struct table *table, int64_t now_s)
{
    int64_t next_s = INT64_MAX;
    for (const struct bucket_list *list = &table->rendezvous; list; list = list->next)
        if (list->oldest)
            next_s = earlier(next_s, bucket_expires_s(list->oldest, &table->rules, now_s));
    return next_s;
}

/* Prices */

/* `free` of a stock, of which so much is free. */
static uint32_t price_of(const struct price_stock *stock, uint32_t free, int64_t now_s)
{
    return price_t1(price_stock_at(stock, now_s), free);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

uint32_t table_price_t1(const struct table *table, const struct place *place, int64_t now_s)
{
    uint32_t free = table->rules.t1_free;
    if (free == 0)
        return 0;
    return larger(place ? price_of(&place->stock, free, now_s)
                        : price_place((uint32_t)table->rendezvous.places.count),
                  price_of(&table->stock, larger(free, PRICE_FREE_SERVER), now_s));
}

int64_t table_free_t1_s(const struct table *table, const struct place *place, int64_t now_s)
{
    uint32_t free = table->rules.t1_free;
    if (free == 0)
        return 0;
    int64_t of_place_s = place ? price_stock_wait_s(&place->stock, free, now_s) : 0;
    int64_t of_all_s = price_stock_wait_s(&table->stock, larger(free, PRICE_FREE_SERVER), now_s);
    return of_place_s > of_all_s ? of_place_s : of_all_s;
}

void place_classes(const struct place *place, int64_t now_s, uint32_t classes[static STAMP_CLASSES])
{
    static const struct class_census nobody;
    census_classes(place ? &place->census : &nobody, stamp_hour(now_s), classes);
}

/* Buckets come and go */

static void skip_closed(struct bucket_list *list)
{
    while (list->unclosed && list->unclosed->closed)
        list->unclosed = list->unclosed->newer;
}

/* Those off the grid, and those ahead of the clock, may be younger than one that opens. */
static void insert_by_time(struct bucket_list *list, struct bucket *bucket)
{
    struct bucket *older = list->newest, *newer = NULL;
    for (; older && bucket->id.created < older->id.created; older = older->older)
        newer = older;
    bucket->older = older;
    bucket->newer = newer;
    *(older ? &older->newer : &list->oldest) = bucket;
    *(newer ? &newer->older : &list->newest) = bucket;
    if (!list->unclosed || list->unclosed->id.created > bucket->id.created)
        list->unclosed = bucket;
}

int table_link_bucket(struct table *table, struct bucket *bucket)
{
    struct bucket_list *list = bucket->list;
    uint64_t hash = index_hash(table->index_key, bucket->bucket_hash, ID_BYTES);
    struct place *place;
    int err = enter_place(list, bucket->id.place, &place);
    if (err)
        return err;
    err = index_insert(&list->by_hash, &bucket->by_hash, hash);
    if (err) {
        drop_unused(list, place);
        return err;
    }
    place_link(place, bucket);
    insert_by_time(list, bucket);
    table->bucket_count++;
    return 0;
}

void table_unlink_bucket(struct table *table, struct bucket *bucket)
{
    struct bucket_list *list = bucket->list;
    *(bucket->older ? &bucket->older->newer : &list->oldest) = bucket->newer;
    *(bucket->newer ? &bucket->newer->older : &list->newest) = bucket->older;
    if (list->unclosed == bucket)
        list->unclosed = bucket->newer;
    skip_closed(list);
    if (bucket->ends_s != 0)
        list->shortened--;
    leave_place(list, bucket);
    index_remove(&list->by_hash, &bucket->by_hash);
    table->bucket_count--;
}

void table_shorten(struct bucket *bucket, int64_t ends_s)
{
    if (bucket->ends_s == 0)
        bucket->list->shortened++;
    bucket->ends_s = ends_s;
}

void table_close_bucket(struct bucket *bucket)
{
    bucket->closed = true;
    skip_closed(bucket->list);
    if (bucket->content)
        content_tag(bucket->content);
}
