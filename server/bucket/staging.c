#include "bucket/staging.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

/* Buckets */

/* The next id in time. Where the clock has stepped back, time stands still for ids. */
static struct bucket_id next_id(const struct table *table, int64_t now_s)
{
    struct bucket_id id = {now_s > 0 ? (uint64_t)now_s : 0, 0};
    const struct bucket *newest = table->newest;
    if (newest && newest->id.created >= id.created)
        id = (struct bucket_id){newest->id.created, newest->id.sequence + 1};
    return id;
}

static int stage_new_bucket(struct table *table, struct batch *batch, int64_t now_s,
                            struct bucket **opened)
{
    struct bucket_id id = next_id(table, now_s);
    struct bucket *bucket = bucket_new(&id, table->random);
    if (!bucket)
        return -ENOMEM;
    if (batch_reserve(batch, 1) || table_link_bucket(table, bucket)) {
        bucket_free(bucket);
        return -ENOMEM;
    }
    batch_add(batch, CHANGE_BUCKET_OPENED, bucket, NULL);
    *opened = bucket;
    return 0;
}

int table_stage_time(struct table *table, struct batch *batch, int64_t now_s)
{
    struct bucket *newest = table->newest;
    if (newest && !newest->closed && now_s >= bucket_closes_s(newest, &table->rules)) {
        if (batch_reserve(batch, 1))
            return -ENOMEM;
        batch_add(batch, CHANGE_BUCKET_CLOSED, newest, NULL);
    }
    for (struct bucket *bucket = table->oldest;
         bucket && bucket_is_expired(bucket, &table->rules, now_s); bucket = bucket->newer) {
        if (batch_reserve(batch, 1))
            return -ENOMEM;
        bucket->expiring = true;
        batch_add(batch, CHANGE_BUCKET_EXPIRED, bucket, NULL);
    }
    return 0;
}

/* T1s */

static int check_standing(const struct t1_entry *standing, const struct t1_draft *draft)
{
    if (!draft->keyed)
        return -EEXIST;
    bool same = standing->keyed && secret_equal(standing->key_hash, draft->key_hash, ID_BYTES);
    return same ? -EEXIST : -EACCES;
}

/* The bucket a T1 goes to. */
static int choose_bucket(struct table *table, struct batch *batch, const uint8_t *link,
                         int64_t now_s, struct bucket **chosen)
{
    if (link) {
        struct bucket *named = NULL;
        int err = table_find_bucket(table, link, now_s, &named);
        if (err)
            return err;
        if (named->t1_standing >= table->rules.capacity)
            return -ENOSPC;
        if (!bucket_is_open(named, &table->rules, now_s))
            return -EBUSY;
        *chosen = named;
        return 0;
    }
    if (table->newest && bucket_is_open(table->newest, &table->rules, now_s)) {
        *chosen = table->newest;
        return 0;
    }
    return stage_new_bucket(table, batch, now_s, chosen);
}

static struct t1_entry *t1_new(const struct t1_draft *draft)
{
    struct t1_entry *t1 = calloc(1, sizeof *t1);
    if (!t1)
        return NULL;
    t1->entry.kind = RECORD_T1;
    t1->keyed = draft->keyed;
    memcpy(t1->id, draft->id, ID_BYTES);
    if (draft->keyed)
        memcpy(t1->key_hash, draft->key_hash, ID_BYTES);
    memcpy(t1->bytes, draft->bytes, RECORD_T1_BYTES);
    return t1;
}

/* Stage a new T1 in the bucket and in the index. */
static int place_t1(struct table *table, struct bucket *bucket, const struct t1_draft *draft,
                    struct t1_entry **placed)
{
    struct t1_entry *t1 = t1_new(draft);
    if (!t1)
        return -ENOMEM;
    uint64_t hash = index_hash(table->index_key, t1->id, ID_BYTES);
    if (index_insert(&table->t1_by_id, &t1->entry.node, hash)) {
        free(t1);
        return -ENOMEM;
    }
    if (bucket_stage(bucket, &t1->entry, 0)) {
        index_remove(&table->t1_by_id, &t1->entry.node);
        free(t1);
        return -ENOMEM;
    }
    *placed = t1;
    return 0;
}

int table_stage_t1(struct table *table, struct batch *batch, const struct t1_draft *draft,
                   int64_t now_s, struct t1_entry **standing)
{
    struct t1_entry *t1 = table_sender(table, draft->id, now_s);
    if (t1) {
        int err = check_standing(t1, draft);
        if (err == -EEXIST)
            *standing = t1;
        return err;
    }
    struct bucket *bucket = NULL;
    int err = choose_bucket(table, batch, draft->link, now_s, &bucket);
    if (!err)
        err = batch_reserve(batch, 2);
    if (!err)
        err = place_t1(table, bucket, draft, &t1);
    if (err)
        return err;
    batch_add(batch, CHANGE_T1_ADDED, bucket, &t1->entry);
    if (bucket->t1_standing == table->rules.capacity)
        batch_add(batch, CHANGE_BUCKET_CLOSED, bucket, NULL);
    *standing = t1;
    return 0;
}

/* Records */

static struct record_entry *record_new(enum record_kind kind,
                                       const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    struct record_entry *record = calloc(1, sizeof *record);
    if (!record)
        return NULL;
    record->entry.kind = kind;
    memcpy(record->bytes, bytes, RECORD_ADDRESSED_BYTES);
    return record;
}

static int place_record(struct bucket *bucket, uint64_t hash, enum record_kind kind,
                        const uint8_t bytes[static RECORD_ADDRESSED_BYTES],
                        struct record_entry **placed)
{
    struct record_entry *record = record_new(kind, bytes);
    if (!record)
        return -ENOMEM;
    if (bucket_stage(bucket, &record->entry, hash)) {
        free(record);
        return -ENOMEM;
    }
    *placed = record;
    return 0;
}

static int stage_record(struct batch *batch, struct bucket *bucket, uint64_t hash,
                        enum record_kind kind, const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    struct record_entry *record;
    if (batch_reserve(batch, 1) || place_record(bucket, hash, kind, bytes, &record))
        return -ENOMEM;
    batch_add(batch, CHANGE_RECORD_ADDED, bucket, &record->entry);
    return 0;
}

/* How many records one sender may have in the place of one addressee. */
static uint32_t place_room(const struct table *table, enum record_kind kind,
                           const struct t1_entry *addressee)
{
    return kind == RECORD_T3 && !addressee->keyed ? table->rules.keyless_t3_max : 1;
}

int table_stage_record(struct table *table, struct batch *batch, struct bucket *bucket,
                       enum record_kind kind, const uint8_t bytes[static RECORD_ADDRESSED_BYTES],
                       int64_t now_s)
{
    if (memcmp(bytes, record_addressee(bytes), ID_BYTES) == 0)
        return -ELOOP;
    const struct t1_entry *addressee = table_sender(table, record_addressee(bytes), now_s);
    if (!addressee || addressee->entry.bucket != bucket)
        return -ENOENT;
    uint64_t hash = bucket_record_hash(table->index_key, kind, bytes);
    uint32_t others = 0;
    if (bucket_find_record(bucket, hash, kind, bytes, &others))
        return -EEXIST;
    if (others >= place_room(table, kind, addressee))
        return -EBUSY;
    return stage_record(batch, bucket, hash, kind, bytes);
}

static uint32_t *unaddressed_count(struct t1_entry *sender, enum record_kind kind)
{
    return kind == RECORD_T2 ? &sender->unaddressed_t2 : &sender->unaddressed_t3;
}

int table_stage_unaddressed(struct table *table, struct batch *batch, struct t1_entry *sender,
                            enum record_kind kind,
                            const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    struct bucket *bucket = sender->entry.bucket;
    uint64_t hash = bucket_record_hash(table->index_key, kind, bytes);
    uint32_t others = 0;
    if (bucket_find_record(bucket, hash, kind, bytes, &others))
        return -EEXIST;
    if (*unaddressed_count(sender, kind) >= table->rules.unaddressed_max)
        return -ENOSPC;
    int err = stage_record(batch, bucket, hash, kind, bytes);
    if (!err)
        ++*unaddressed_count(sender, kind);
    return err;
}

/* Undoing */

static void undo_record(struct table *table, struct bucket *bucket, struct entry *entry)
{
    const struct record_entry *record = INDEX_OWNER(entry, struct record_entry, entry);
    static const uint8_t everybody[ID_BYTES];
    if (memcmp(record_addressee(record->bytes), everybody, ID_BYTES) == 0) {
        struct t1_entry *sender = table_sender(table, record->bytes, INT64_MIN);
        INVARIANT(sender);
        --*unaddressed_count(sender, entry->kind);
    }
    bucket_unstage(bucket, entry);
    free(entry);
}

static void undo_t1(struct table *table, struct bucket *bucket, struct entry *entry)
{
    index_remove(&table->t1_by_id, &entry->node);
    bucket_unstage(bucket, entry);
    free(entry);
}

static void undo(struct table *table, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_BUCKET_OPENED:
        table_unlink_bucket(table, change->bucket);
        bucket_free(change->bucket);
        break;
    case CHANGE_BUCKET_CLOSED:
        break;
    case CHANGE_BUCKET_EXPIRED:
        change->bucket->expiring = false;
        break;
    case CHANGE_T1_ADDED:
        undo_t1(table, change->bucket, change->entry);
        break;
    case CHANGE_RECORD_ADDED:
        undo_record(table, change->bucket, change->entry);
        break;
    }
}

void table_rollback(struct table *table, struct batch *batch, size_t from)
{
    while (batch->count > from)
        undo(table, &batch->changes[--batch->count]);
}

/* Publishing */

/* Take a dead bucket and its T1s out of the table, and remember its link. */
static void bury(struct table *table, struct bucket *bucket, struct bucket **dead)
{
    table_unlink_bucket(table, bucket);
    for (uint32_t i = 0; i < bucket->t1_visible; i++)
        index_remove(&table->t1_by_id, &bucket->t1[i]->entry.node);
    expired_links_add(&table->expired, bucket->link);
    bucket->older = *dead;
    *dead = bucket;
}

/* Shuffle what this batch has added to the feeds; each bucket once. */
static void shuffle_added(struct table *table, const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct bucket *bucket = batch->changes[i].bucket;
        if (batch->changes[i].entry && bucket->feed_length > bucket->feed_shuffled) {
            bucket_shuffle(bucket, bucket->feed_shuffled, table->random);
            bucket->feed_shuffled = bucket->feed_length;
        }
    }
}

struct bucket *table_publish(struct table *table, const struct batch *batch)
{
    struct bucket *dead = NULL;
    for (size_t i = 0; i < batch->count; i++) {
        const struct change *change = &batch->changes[i];
        switch (change->kind) {
        case CHANGE_BUCKET_OPENED:
            change->bucket->visible = true;
            break;
        case CHANGE_BUCKET_CLOSED:
            change->bucket->closed = true;
            break;
        case CHANGE_BUCKET_EXPIRED:
            bury(table, change->bucket, &dead);
            break;
        case CHANGE_T1_ADDED:
        case CHANGE_RECORD_ADDED:
            bucket_show(change->bucket, change->entry);
            break;
        }
    }
    shuffle_added(table, batch);
    return dead;
}

/* Loading */

int table_load_bucket(struct table *table, const struct bucket_id *id, bool closed,
                      struct bucket **loaded)
{
    const struct bucket *newest = table->newest;
    if (newest && (newest->id.created > id->created ||
                   (newest->id.created == id->created && newest->id.sequence >= id->sequence)))
        return -EBADMSG;
    struct bucket *bucket = bucket_new(id, table->random);
    if (!bucket || table_link_bucket(table, bucket)) {
        bucket_free(bucket);
        return -ENOMEM;
    }
    bucket->visible = true;
    bucket->closed = closed;
    *loaded = bucket;
    return 0;
}

int table_load_t1(struct table *table, struct bucket *bucket, const struct t1_draft *draft)
{
    if (bucket->t1_standing >= table->rules.capacity)
        return -EBADMSG;
    struct t1_entry *t1;
    int err = place_t1(table, bucket, draft, &t1);
    if (!err)
        bucket_show(bucket, &t1->entry);
    return err;
}

int table_load_record(struct table *table, struct bucket *bucket, enum record_kind kind,
                      const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    struct record_entry *record;
    int err = place_record(bucket, bucket_record_hash(table->index_key, kind, bytes), kind, bytes,
                           &record);
    if (err)
        return err;
    bucket_show(bucket, &record->entry);
    static const uint8_t everybody[ID_BYTES];
    if (memcmp(record_addressee(bytes), everybody, ID_BYTES) == 0) {
        struct t1_entry *sender = table_sender(table, bytes, INT64_MIN);
        if (!sender)
            return -EBADMSG;
        ++*unaddressed_count(sender, kind);
    }
    return 0;
}

void table_load_finished(struct table *table, struct bucket *bucket)
{
    bucket_shuffle(bucket, 0, table->random);
    bucket->feed_shuffled = bucket->feed_length;
}
