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

/* What is to be read next by one who has come so far. Returns: 0, -EBADMSG (behind the end). */
static int span_of(const struct service *service, const struct bucket *bucket,
                   const struct feed_cursor *after, struct span *span)
{
    struct page_rules rules = rules_of(service);
    size_t length = bucket_feed_length(bucket);
    *span = page_open(service, bucket, &rules, after);
    if (span->from > span->to || span->to > length)
        return -EBADMSG;
    if (span_is_done(span))
        *span = (struct span){.from = span->to, .to = length};
    return 0;
}

/* Whether there is something after the cursor, or never will be. */
static bool answers_now(const struct service *service, const struct bucket *bucket,
                        const struct feed_cursor *after)
{
    struct span span;
    return span_of(service, bucket, after, &span) || !span_is_done(&span) ||
           (span.to == 0 && !bucket->content);
}

/* Whether the header alone says that a reader has seen everything; then the content, which may be
 * with the store, is not needed. */
static bool has_seen_all(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                         const struct feed_cursor *after)
{
    struct bucket *bucket;
    pthread_rwlock_rdlock(&service->lock);
    bool seen = after &&
                !table_find_bucket(&service->table, BUCKET_KIND_RENDEZVOUS, bucket_hash,
                                   clock_wall_s(service->clock), &bucket) &&
                !answers_now(service, bucket, after);
    pthread_rwlock_unlock(&service->lock);
    return seen;
}

int service_feed(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                 const struct feed_cursor *after, struct blob *frames, struct feed_cursor *next)
{
    struct cache_pin pin;
    struct span span;
    struct page_rules rules = rules_of(service);
    if (has_seen_all(service, bucket_hash, after)) {
        *next = *after;
        return blob_new(frames, 0, 1);
    }
    int err = cache_pin_bucket(service, BUCKET_KIND_RENDEZVOUS, bucket_hash, &pin);
    if (err)
        return err;
    err = span_of(service, pin.bucket, after, &span);
    if (!err)
        err = page_copy(pin.bucket->content, &rules, &span, frames);
    if (!err)
        page_seal(service, pin.bucket, &rules, &span, next);
    cache_pin_release(service, &pin);
    return err;
}

int service_feed_wait(struct service *service, const uint8_t bucket_hash[static ID_BYTES],
                      const struct feed_cursor *after, struct waiter *waiter)
{
    int64_t now_s = clock_wall_s(service->clock);
    struct bucket *bucket;
    bool earliest = false, now = true;
    int err = 0;
    /* The lock keeps the writer from publishing between looking and waiting. */
    pthread_rwlock_rdlock(&service->lock);
    if (!table_find_bucket(&service->table, BUCKET_KIND_RENDEZVOUS, bucket_hash, now_s, &bucket))
        now = answers_now(service, bucket, after);
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

void service_feed_cancel(struct service *service, struct waiter *waiter)
{
    waiters_cancel(&service->waiters, waiter);
}
