#include "compat/reference.h"

#include <stdlib.h>
#include <string.h>

#include "compat/view.h"
#include "service/cache_pin.h"

/* DESIGN: an answer is put together bucket by bucket, as not all of them need fit into memory at
 * once. It has a bound, of which each bucket has its share. All T1s there can be are below it; of
 * T2s and T3s it has those that come next in the order of the bucket's tree, from a place that
 * moves on every two seconds. A reference client asks in rounds, and keeps what it has got. */

enum {
    MS_PER_S = 1000,
    LOOKED_AT_MAX = 8192, /* entries of one bucket for one answer */
    TURN_MS = 2000,
};

int reference_open(struct reference **opened, struct service *service,
                   const struct reference_settings *settings, const struct random_source *random)
{
    struct reference *reference = calloc(1, sizeof *reference);
    if (!reference)
        return -ENOMEM;
    reference->service = service;
    reference->settings = *settings;
    rounds_init(&reference->rounds, service->settings.rules.lifetime_s * MS_PER_S, random);
    *opened = reference;
    return 0;
}

void reference_close(struct reference *reference)
{
    if (!reference)
        return;
    rounds_free(&reference->rounds);
    free(reference);
}

struct reference_counts reference_counts(const struct reference *reference)
{
    return (struct reference_counts){
        atomic_load_explicit(&reference->malformed, memory_order_relaxed),
        atomic_load_explicit(&reference->dropped, memory_order_relaxed)};
}

/* Reading */

static int compare_t1s(const void *a, const void *b)
{
    return memcmp(a, b, RECORD_T1_BYTES);
}

static int compare_records(const void *a, const void *b)
{
    return memcmp(a, b, RECORD_UNADDRESSED_BYTES);
}

static void add_record(const struct entry *entry, struct blob *records)
{
    const uint8_t *bytes = entry_bytes(entry);
    if (entry->kind == RECORD_T1) {
        blob_add(records, bytes, RECORD_T1_BYTES);
    } else {
        blob_add(records, bytes, ID_BYTES);
        blob_add(records, record_body(bytes), RECORD_BODY_BYTES);
    }
}

/* Where the walk through a bucket begins that has more than an answer: another place every few
 * seconds, so that whoever asks again and again gets to see everything. */
static uint64_t start_of(const struct service *service, int64_t now_ms)
{
    int64_t turn = now_ms / TURN_MS;
    return index_hash(service->table.index_key, &turn, sizeof turn);
}

/* At most so many records, of those at most so many that are looked at; round the tree once. */
static void add_records(struct reference *reference, const struct content *content,
                        enum record_kind kind, size_t count, struct blob *records)
{
    const struct service *service = reference->service;
    int64_t now_s = clock_wall_s(service->clock), now_ms = clock_monotonic_ms(service->clock);
    bool whole = content->feed_length <= LOOKED_AT_MAX && content->feed_length <= count;
    uint64_t start = start_of(service, now_ms);
    bool round = whole;
    struct walk walk;
    walk_begin(&walk, content, whole ? NULL : &start);
    for (size_t looked_at = 0; count > 0 && looked_at < LOOKED_AT_MAX; looked_at++) {
        const struct entry *entry = walk_next(&walk);
        if (!entry && !round) {
            round = true;
            walk_begin(&walk, content, NULL);
            continue;
        }
        if (!entry || (round && !whole && entry->order > start))
            break;
        if (entry->kind != kind || !view_shows(reference, entry, now_s, now_ms))
            continue;
        add_record(entry, records);
        count--;
    }
}

/* The T1s are a list of their own. */
static void add_t1s(const struct content *content, struct blob *records)
{
    for (uint32_t i = 0; i < content->t1_count; i++)
        add_record(&content->t1[i]->entry, records);
}

/* One bucket's part of an answer. A bucket that has died meanwhile has none. */
static int append_bucket(struct reference *reference, const uint8_t bucket_hash[static ID_BYTES],
                         enum record_kind kind, size_t bytes_max, struct blob *records)
{
    struct service *service = reference->service;
    struct cache_pin pin;
    int err = cache_pin_bucket(service, BUCKET_KIND_RENDEZVOUS, bucket_hash, &pin);
    if (err)
        return err == -ENOENT || err == -EKEYEXPIRED ? 0 : err;
    const struct content *content = pin.bucket->content;
    bool t1s = kind == RECORD_T1;
    size_t fits = bytes_max / RECORD_UNADDRESSED_BYTES;
    size_t count = content->feed_length < fits ? content->feed_length : fits;
    err = blob_reserve(records, t1s ? content->t1_count : count,
                       t1s ? RECORD_T1_BYTES : RECORD_UNADDRESSED_BYTES);
    if (!err && t1s)
        add_t1s(content, records);
    else if (!err)
        add_records(reference, content, kind, count, records);
    cache_pin_release(service, &pin);
    return err;
}

/* The hashes of the newest live buckets, which these endpoints show. */
static size_t shown_buckets(struct reference *reference, uint8_t hashes[][ID_BYTES])
{
    struct service *service = reference->service;
    int64_t now_s = clock_wall_s(service->clock);
    size_t count = 0;
    pthread_rwlock_rdlock(&service->lock);
    for (const struct bucket *bucket =
             table_newest(&service->table, table_place(&service->table, NULL), now_s);
         bucket && count < reference->settings.buckets_max;
         bucket = table_older(&service->table, bucket, now_s))
        memcpy(hashes[count++], bucket->bucket_hash, ID_BYTES);
    pthread_rwlock_unlock(&service->lock);
    return count;
}

static int append_shown(struct reference *reference, uint8_t hashes[][ID_BYTES],
                        enum record_kind kind, struct blob *records)
{
    size_t count = shown_buckets(reference, hashes);
    int err = blob_new(records, 0, 1);
    /* What one bucket leaves of its share is for the others. */
    for (size_t i = 0; i < count && !err; i++)
        err = append_bucket(reference, hashes[i], kind,
                            (reference->settings.answer_bytes_max - records->bytes) / (count - i),
                            records);
    if (err)
        blob_free(records);
    return err;
}

int reference_read(struct reference *reference, enum record_kind kind, struct blob *given)
{
    struct blob records = {0};
    uint8_t(*hashes)[ID_BYTES] = calloc(reference->settings.buckets_max, sizeof *hashes);
    int err = hashes ? append_shown(reference, hashes, kind, &records) : -ENOMEM;
    free(hashes);
    if (err)
        return err;
    if (kind == RECORD_T1)
        qsort(records.data, records.bytes / RECORD_T1_BYTES, RECORD_T1_BYTES, compare_t1s);
    else
        qsort(records.data, records.bytes / RECORD_UNADDRESSED_BYTES, RECORD_UNADDRESSED_BYTES,
              compare_records);
    *given = records;
    return 0;
}
