#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "service/blob.h"
#include "service/state.h"

/* Reading copies out under the shared lock and sorts without it. */

void service_tell(const struct service *service, const struct bucket *bucket, int64_t now_s,
                  struct bucket_facts *facts)
{
    const struct bucket_rules *rules = &service->table.rules;
    *facts = (struct bucket_facts){
        .id = bucket->id,
        .count = bucket->t1_visible,
        .open = bucket_is_open(bucket, rules, now_s),
        .closed = bucket->closed,
        .expires_s = bucket_expires_s(bucket, rules),
    };
    memcpy(facts->link, bucket->link, ID_BYTES);
}

int service_bucket(struct service *service, const uint8_t link[static ID_BYTES],
                   struct bucket_facts *facts)
{
    int64_t now_s = clock_wall_s(service->clock);
    struct bucket *bucket;
    pthread_rwlock_rdlock(&service->lock);
    int err = table_find_bucket(&service->table, link, now_s, &bucket);
    if (!err)
        service_tell(service, bucket, now_s, facts);
    pthread_rwlock_unlock(&service->lock);
    return err;
}

/* The bucket with which a page begins, or NULL. What follows one that has expired is nothing, as
 * all older ones have expired too. */
static int page_begin(const struct table *table, const uint8_t *after, int64_t now_s,
                      const struct bucket **first)
{
    *first = NULL;
    if (!after) {
        *first = table_newest(table, now_s);
        return 0;
    }
    struct bucket *last;
    int err = table_find_bucket(table, after, now_s, &last);
    if (!err)
        *first = table_older(table, last, now_s);
    return err == -EKEYEXPIRED ? 0 : err;
}

int service_buckets(struct service *service, const uint8_t *after, struct bucket_facts *facts,
                    size_t capacity, size_t *count, bool *more)
{
    int64_t now_s = clock_wall_s(service->clock);
    const struct bucket *bucket;
    pthread_rwlock_rdlock(&service->lock);
    int err = page_begin(&service->table, after, now_s, &bucket);
    size_t filled = 0;
    for (; bucket && filled < capacity; bucket = table_older(&service->table, bucket, now_s))
        service_tell(service, bucket, now_s, &facts[filled++]);
    pthread_rwlock_unlock(&service->lock);
    if (err)
        return err;
    *count = filled;
    *more = bucket != NULL;
    return 0;
}

int service_t1(struct service *service, const uint8_t id[static ID_BYTES],
               uint8_t bytes[static RECORD_T1_BYTES], uint8_t link[static ID_BYTES])
{
    pthread_rwlock_rdlock(&service->lock);
    const struct t1_entry *t1 = table_find_t1(&service->table, id, clock_wall_s(service->clock));
    if (t1) {
        memcpy(bytes, t1->bytes, RECORD_T1_BYTES);
        memcpy(link, t1->entry.bucket->link, ID_BYTES);
    }
    pthread_rwlock_unlock(&service->lock);
    return t1 ? 0 : -ENOENT;
}

static int copy_t1s(const struct bucket *bucket, struct blob *t1s, uint8_t tag[static ID_BYTES])
{
    uint8_t ids[BUCKET_CAPACITY * ID_BYTES];
    if (blob_new(t1s, bucket->t1_visible, RECORD_T1_BYTES))
        return -ENOMEM;
    for (uint32_t i = 0; i < bucket->t1_visible; i++) {
        blob_add(t1s, bucket->t1[i]->bytes, RECORD_T1_BYTES);
        memcpy(ids + i * ID_BYTES, bucket->t1[i]->id, ID_BYTES);
    }
    hash_bytes(tag, ids, bucket->t1_visible * ID_BYTES);
    return 0;
}

int service_t1s(struct service *service, const uint8_t link[static ID_BYTES], struct blob *t1s,
                struct bucket_facts *facts, uint8_t tag[static ID_BYTES])
{
    int64_t now_s = clock_wall_s(service->clock);
    struct bucket *bucket;
    pthread_rwlock_rdlock(&service->lock);
    int err = table_find_bucket(&service->table, link, now_s, &bucket);
    if (!err)
        err = copy_t1s(bucket, t1s, tag);
    if (!err)
        service_tell(service, bucket, now_s, facts);
    pthread_rwlock_unlock(&service->lock);
    return err;
}

static int compare_addressed(const void *a, const void *b)
{
    return memcmp(a, b, RECORD_ADDRESSED_BYTES);
}

static bool is_to(const uint8_t *bytes, const uint8_t *to)
{
    static const uint8_t everybody[ID_BYTES];
    return memcmp(record_addressee(bytes), to, ID_BYTES) == 0 ||
           memcmp(record_addressee(bytes), everybody, ID_BYTES) == 0;
}

static int copy_records(const struct bucket *bucket, enum record_kind kind, const uint8_t *to,
                        struct blob *records)
{
    if (blob_new(records, bucket->feed_length, RECORD_ADDRESSED_BYTES))
        return -ENOMEM;
    for (size_t i = 0; i < bucket->feed_length; i++) {
        const struct entry *entry = bucket->feed[i];
        if (entry->kind == kind && (!to || is_to(entry_bytes(entry), to)))
            blob_add(records, entry_bytes(entry), RECORD_ADDRESSED_BYTES);
    }
    return 0;
}

int service_records(struct service *service, const uint8_t link[static ID_BYTES],
                    enum record_kind kind, const uint8_t *to, struct blob *records)
{
    struct bucket *bucket;
    pthread_rwlock_rdlock(&service->lock);
    int err = table_find_bucket(&service->table, link, clock_wall_s(service->clock), &bucket);
    if (!err)
        err = copy_records(bucket, kind, to, records);
    pthread_rwlock_unlock(&service->lock);
    if (!err)
        qsort(records->data, records->bytes / RECORD_ADDRESSED_BYTES, RECORD_ADDRESSED_BYTES,
              compare_addressed);
    return err;
}
