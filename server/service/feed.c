#include <string.h>

#include "bucket/cache.h"
#include "service/cache_pin.h"
#include "service/page.h"

/* DESIGN: whoever comes without a cursor gets everything that is there, in an order that tells
 * nothing of when it came, in pages of that moment; then what is new since, as a span of its own
 * with each answer (page.h). So what one answer has is in no order of arrival, and only who waits
 * learns in which order commits came. A cursor holds for as long as the content stays in memory,
 * and in the header until the next one is there; one from elsewhere is as good as none: the reader
 * gets everything again, and loses nothing. */

static struct page_rules rules_of(const struct service *service)
{
    return (struct page_rules){
        .purpose = PAGE_FEED, .bytes_max = service->settings.feed_bytes_max, .framed = true};
}

/* Of the feed of one T1. */
static struct page_rules brief_rules(const struct t1_reader *reader, size_t bytes_max)
{
    return (struct page_rules){.purpose = PAGE_FEED,
                               .to = reader->t1_id,
                               .client = reader->client,
                               .bytes_max = bytes_max,
                               .framed = true,
                               .brief = true};
}

/* What is to be read next by one who has come so far. Returns: 0, -EBADMSG (behind the end). */
static int span_of(const struct service *service, const struct bucket *bucket,
                   const struct page_rules *rules, const uint8_t *after, struct span *span)
{
    size_t length = bucket_feed_length(bucket);
    *span = page_open(service, bucket, rules, after);
    if (span->from > span->to || span->to > length)
        return -EBADMSG;
    if (span_is_done(span))
        *span = (struct span){.from = span->to, .to = length};
    return 0;
}

/* Whether there is something after the cursor, or never will be. */
static bool answers_now(const struct service *service, const struct bucket *bucket,
                        const struct page_rules *rules, const uint8_t *after)
{
    struct span span;
    return span_of(service, bucket, rules, after, &span) || !span_is_done(&span) ||
           (span.to == 0 && !bucket->content);
}

/* Whether the header alone says that a reader has seen everything; then the content, which may be
 * with the store, is not needed. */
static bool has_seen_all(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                         const struct page_rules *rules, const uint8_t *after)
{
    struct bucket *bucket;
    pthread_rwlock_rdlock(&service->lock);
    bool seen = after &&
                !table_find_bucket(&service->table, BUCKET_KIND_RENDEZVOUS, bucket_hash,
                                   clock_wall_s(service->clock), &bucket) &&
                !answers_now(service, bucket, rules, after);
    pthread_rwlock_unlock(&service->lock);
    return seen;
}

/* Read what comes after a cursor. It may be the one that is to be written, or NULL. */
static int read_feed(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                     const struct page_rules *rules, const uint8_t *after, struct blob *frames,
                     uint8_t *next)
{
    struct cache_pin pin;
    struct span span;
    if (has_seen_all(service, bucket_hash, rules, after)) {
        memmove(next, after, rules->brief ? (size_t)BRIEF_CURSOR_BYTES : FEED_CURSOR_BYTES);
        return blob_new(frames, 0, 1);
    }
    int err = cache_pin_bucket(service, BUCKET_KIND_RENDEZVOUS, bucket_hash, &pin);
    if (err)
        return err;
    err = span_of(service, pin.bucket, rules, after, &span);
    if (!err)
        err = page_copy(pin.bucket->content, rules, &span, frames);
    if (!err)
        page_seal(service, pin.bucket, rules, &span, next);
    cache_pin_release(service, &pin);
    return err;
}

int service_feed(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                 const struct feed_cursor *after, struct blob *frames, struct feed_cursor *next)
{
    const struct page_rules rules = rules_of(service);
    return read_feed(service, bucket_hash, &rules, after ? after->bytes : NULL, frames,
                     next->bytes);
}

int service_t1_feed(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                    const struct t1_reader *reader, const struct brief_cursor *after,
                    size_t bytes_max, struct blob *frames, struct brief_cursor *next)
{
    const struct page_rules rules = brief_rules(reader, bytes_max);
    return read_feed(service, bucket_hash, &rules, after ? after->bytes : NULL, frames,
                     next->bytes);
}

static int wait_in_feed(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                        const struct page_rules *rules, const uint8_t *after, struct waiter *waiter)
{
    int64_t now_s = clock_wall_s(service->clock);
    struct bucket *bucket;
    bool earliest = false, now = true;
    int err = 0;
    /* The lock keeps the writer from publishing between looking and waiting. */
    pthread_rwlock_rdlock(&service->lock);
    if (!table_find_bucket(&service->table, BUCKET_KIND_RENDEZVOUS, bucket_hash, now_s, &bucket))
        now = answers_now(service, bucket, rules, after);
    if (!now) {
        bucket_use(bucket, CLOCK_COUNTER_WAITED_ON);
        err = waiters_add(&service->waiters, &bucket->waiters, waiter, &earliest);
    }
    pthread_rwlock_unlock(&service->lock);
    if (now || err == -ECANCELED) {
        waiter->wake(waiter);
        return 0;
    }
    if (earliest)
        timer_look(service);
    return err;
}

int service_feed_wait(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                      const struct feed_cursor *after, struct waiter *waiter)
{
    const struct page_rules rules = rules_of(service);
    return wait_in_feed(service, bucket_hash, &rules, after ? after->bytes : NULL, waiter);
}

int service_t1_feed_wait(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                         const struct t1_reader *reader, const struct brief_cursor *after,
                         struct waiter *waiter)
{
    const struct page_rules rules = brief_rules(reader, 0);
    return wait_in_feed(service, bucket_hash, &rules, after ? after->bytes : NULL, waiter);
}

void service_feed_cancel(struct service *service, struct waiter *waiter)
{
    waiters_cancel(&service->waiters, waiter);
}
