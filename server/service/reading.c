#include <string.h>

#include "service/blob.h"
#include "service/cache_pin.h"
#include "service/page.h"

/* Reading copies out under the shared lock and sorts without it. */

void service_report(const struct service *service, const struct bucket *bucket, int64_t now_s,
                    struct bucket_facts *facts)
{
    const struct bucket_rules *rules = &service->table.rules;
    *facts = (struct bucket_facts){
        .id = bucket->id,
        .count = bucket->t1_visible,
        .open = bucket_is_open(bucket, rules, now_s),
        .closed = bucket->closed,
        .expires_s = bucket_expires_s(bucket, rules, now_s),
    };
    memcpy(facts->bucket_hash, bucket->bucket_hash, ID_BYTES);
}

int service_bucket(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                   struct bucket_facts *facts)
{
    int64_t now_s = clock_wall_s(service->clock);
    struct bucket *bucket;
    pthread_rwlock_rdlock(&service->lock);
    int err =
        table_find_bucket(&service->table, BUCKET_KIND_RENDEZVOUS, bucket_hash, now_s, &bucket);
    if (!err)
        service_report(service, bucket, now_s, facts);
    pthread_rwlock_unlock(&service->lock);
    return err;
}

/* The bucket with which a page begins, or NULL. What follows one that has expired is nothing, as
 * all older ones have expired too. */
static int page_begin(const struct table *table, const uint8_t *tag, const uint8_t *after,
                      int64_t now_s, const struct bucket **first)
{
    const struct place *place = table_place(table, tag);
    *first = NULL;
    if (!after) {
        *first = table_newest(table, place, now_s);
        return 0;
    }
    struct bucket *last;
    int err = table_find_bucket(table, BUCKET_KIND_RENDEZVOUS, after, now_s, &last);
    if (!err && last->place != place)
        err = -ENOENT;
    if (!err)
        *first = table_older(table, last, now_s);
    return err == -EKEYEXPIRED ? 0 : err;
}

int service_buckets(struct service *service, const uint8_t *place, const uint8_t *after,
                    struct bucket_facts *facts, size_t capacity, size_t *count, bool *more)
{
    int64_t now_s = clock_wall_s(service->clock);
    const struct bucket *bucket;
    pthread_rwlock_rdlock(&service->lock);
    int err = page_begin(&service->table, place, after, now_s, &bucket);
    size_t filled = 0;
    /* Those from the future would be taken for a server's that sets people apart. */
    for (; bucket && filled < capacity; bucket = table_older(&service->table, bucket, now_s))
        if (!bucket_is_ahead(bucket, now_s))
            service_report(service, bucket, now_s, &facts[filled++]);
    pthread_rwlock_unlock(&service->lock);
    if (err)
        return err;
    *count = filled;
    *more = bucket != NULL;
    return 0;
}

int service_t1(struct service *service, const uint8_t id[static ID_BYTES],
               uint8_t bytes[static RECORD_T1_BYTES], uint8_t bucket_hash[static ID_BYTES],
               struct reported_stamp *total_of)
{
    struct cache_pin pin;
    int err = cache_pin_t1(service, id, &pin);
    if (err)
        return err;
    memcpy(bytes, pin.t1->bytes, RECORD_T1_BYTES);
    memcpy(bucket_hash, pin.bucket->bucket_hash, ID_BYTES);
    if (total_of) {
        total_of->stamp = pin.t1->stamp;
        stamp_challenge(total_of->challenge, service->secret, total_of->stamp.hour);
    }
    cache_pin_release(service, &pin);
    return 0;
}

static int copy_t1s(const struct content *content, struct blob *t1s, uint8_t tag[static ID_BYTES])
{
    if (blob_new(t1s, content->t1_count, RECORD_T1_BYTES))
        return -ENOMEM;
    for (uint32_t i = 0; i < content->t1_count; i++)
        blob_add(t1s, content->t1[i]->bytes, RECORD_T1_BYTES);
    memcpy(tag, content->tag, ID_BYTES);
    return 0;
}

int service_t1s(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                struct blob *t1s, struct bucket_facts *facts, uint8_t tag[static ID_BYTES])
{
    struct cache_pin pin;
    int err = cache_pin_bucket(service, BUCKET_KIND_RENDEZVOUS, bucket_hash, &pin);
    if (err)
        return err;
    err = copy_t1s(pin.bucket->content, t1s, tag);
    service_report(service, pin.bucket, clock_wall_s(service->clock), facts);
    cache_pin_release(service, &pin);
    return err;
}

int service_some_t1s(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                     const uint8_t *after, uint8_t *t1s, size_t capacity, size_t *count, bool *more,
                     struct bucket_facts *facts)
{
    struct cache_pin pin;
    int err = cache_pin_bucket(service, BUCKET_KIND_RENDEZVOUS, bucket_hash, &pin);
    if (err)
        return err;
    const struct content *content = pin.bucket->content;
    size_t first = content_t1s_until(content, after), left = content->t1_count - first;
    *count = left < capacity ? left : capacity;
    *more = left > capacity;
    for (size_t i = 0; i < *count; i++)
        memcpy(t1s + i * RECORD_T1_BYTES, content->t1[first + i]->bytes, RECORD_T1_BYTES);
    service_report(service, pin.bucket, clock_wall_s(service->clock), facts);
    cache_pin_release(service, &pin);
    return 0;
}

int service_records(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                    enum record_kind kind, const uint8_t *to, const struct feed_cursor *after,
                    struct blob *records, struct feed_cursor *next, bool *more)
{
    const struct page_rules rules = {
        .purpose = (uint8_t)kind, .to = to, .bytes_max = service->settings.feed_bytes_max};
    struct cache_pin pin;
    int err = cache_pin_bucket(service, BUCKET_KIND_RENDEZVOUS, bucket_hash, &pin);
    if (err)
        return err;
    struct span span = page_open(service, pin.bucket, &rules, after ? after->bytes : NULL);
    if (span_is_done(&span))
        span = (struct span){.to = pin.bucket->content->feed_length};
    err = span.from > span.to || span.to > pin.bucket->content->feed_length
              ? -EBADMSG
              : page_copy(pin.bucket->content, &rules, &span, records);
    if (!err) {
        *more = !span_is_done(&span);
        page_seal(service, pin.bucket, &rules, &span, next->bytes);
    }
    cache_pin_release(service, &pin);
    return err;
}
