#include "bucket/bucket.h"

#include <stdlib.h>
#include <string.h>

enum { FEED_ROOM_AT_FIRST = 8 };

struct bucket *bucket_new(const struct bucket_id *id, const struct random_source *random)
{
    struct bucket *bucket = calloc(1, sizeof *bucket);
    if (!bucket)
        return NULL;
    bucket->id = *id;
    bucket_id_link(bucket->link, id, BUCKET_KIND_RENDEZVOUS);
    random_fill(random, bucket->feed_nonce, sizeof bucket->feed_nonce);
    LIST_INIT(&bucket->waiters);
    return bucket;
}

void bucket_free(struct bucket *bucket)
{
    if (!bucket)
        return;
    INVARIANT(bucket->staged == 0 && LIST_EMPTY(&bucket->waiters));
    for (size_t i = 0; i < bucket->feed_length; i++)
        free(bucket->feed[i]);
    free(bucket->feed);
    index_free(&bucket->records);
    free(bucket);
}

int64_t bucket_closes_s(const struct bucket *bucket, const struct bucket_rules *rules)
{
    return (int64_t)bucket->id.created + rules->open_window_s;
}

int64_t bucket_expires_s(const struct bucket *bucket, const struct bucket_rules *rules)
{
    return (int64_t)bucket->id.created + rules->lifetime_s;
}

bool bucket_is_expired(const struct bucket *bucket, const struct bucket_rules *rules, int64_t now_s)
{
    return bucket->expiring || now_s >= bucket_expires_s(bucket, rules);
}

bool bucket_is_open(const struct bucket *bucket, const struct bucket_rules *rules, int64_t now_s)
{
    return !bucket->closed && bucket->t1_standing < rules->capacity &&
           now_s < bucket_closes_s(bucket, rules) && !bucket_is_expired(bucket, rules, now_s);
}

static int reserve_feed(struct bucket *bucket)
{
    size_t needed = bucket->feed_length + bucket->staged + 1;
    if (needed <= bucket->feed_capacity)
        return 0;
    size_t capacity = bucket->feed_capacity ? 2 * bucket->feed_capacity : FEED_ROOM_AT_FIRST;
    struct entry **feed = reallocarray(bucket->feed, capacity, sizeof(struct entry *));
    if (!feed)
        return -ENOMEM;
    bucket->feed = feed;
    bucket->feed_capacity = capacity;
    return 0;
}

int bucket_stage(struct bucket *bucket, struct entry *entry, uint64_t record_hash)
{
    if (reserve_feed(bucket) ||
        (entry->kind != RECORD_T1 && index_insert(&bucket->records, &entry->node, record_hash)))
        return -ENOMEM;
    entry->bucket = bucket;
    entry->visible = false;
    bucket->staged++;
    if (entry->kind == RECORD_T1)
        bucket->t1_standing++;
    return 0;
}

void bucket_unstage(struct bucket *bucket, struct entry *entry)
{
    INVARIANT(!entry->visible && bucket->staged > 0);
    bucket->staged--;
    if (entry->kind == RECORD_T1)
        bucket->t1_standing--;
    else
        index_remove(&bucket->records, &entry->node);
    entry->bucket = NULL;
}

static void insert_by_id(struct bucket *bucket, struct t1_entry *t1)
{
    uint32_t place = bucket->t1_visible++;
    INVARIANT(place < BUCKET_CAPACITY);
    for (; place > 0 && memcmp(bucket->t1[place - 1]->id, t1->id, ID_BYTES) > 0; place--)
        bucket->t1[place] = bucket->t1[place - 1];
    bucket->t1[place] = t1;
}

void bucket_show(struct bucket *bucket, struct entry *entry)
{
    INVARIANT(bucket->staged > 0 && bucket->feed_length < bucket->feed_capacity);
    bucket->staged--;
    entry->visible = true;
    bucket->feed[bucket->feed_length++] = entry;
    if (entry->kind == RECORD_T1)
        insert_by_id(bucket, INDEX_OWNER(entry, struct t1_entry, entry));
}

void bucket_shuffle(struct bucket *bucket, size_t from, const struct random_source *random)
{
    for (size_t left = bucket->feed_length - from; left > 1; left--) {
        struct entry **last = &bucket->feed[from + left - 1];
        struct entry **drawn = &bucket->feed[from + random_below(random, (uint32_t)left)];
        struct entry *swapped = *last;
        *last = *drawn;
        *drawn = swapped;
    }
}

static bool is_unaddressed(const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    static const uint8_t everybody[ID_BYTES];
    return memcmp(record_addressee(bytes), everybody, ID_BYTES) == 0;
}

uint64_t bucket_record_hash(const uint8_t key[static INDEX_KEY_BYTES], enum record_kind kind,
                            const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    uint8_t hashed[1 + RECORD_ADDRESSED_BYTES] = {(uint8_t)kind};
    memcpy(hashed + 1, bytes, RECORD_ADDRESSED_BYTES);
    return index_hash(key, hashed, is_unaddressed(bytes) ? sizeof hashed : 1 + 2 * ID_BYTES);
}

const struct record_entry *bucket_find_record(const struct bucket *bucket, uint64_t record_hash,
                                              enum record_kind kind,
                                              const uint8_t bytes[static RECORD_ADDRESSED_BYTES],
                                              uint32_t *others)
{
    uint32_t met = 0;
    for (struct index_node *node = index_first(&bucket->records, record_hash); node;
         node = index_next(node)) {
        const struct record_entry *record = INDEX_OWNER(node, struct record_entry, entry.node);
        if (record->entry.kind != kind || memcmp(record->bytes, bytes, 2 * ID_BYTES) != 0)
            continue;
        if (memcmp(record_body(record->bytes), record_body(bytes), RECORD_BODY_BYTES) == 0)
            return record;
        met++;
    }
    *others = met;
    return NULL;
}

const uint8_t *entry_bytes(const struct entry *entry)
{
    return entry->kind == RECORD_T1 ? ((const struct t1_entry *)entry)->bytes
                                    : ((const struct record_entry *)entry)->bytes;
}
