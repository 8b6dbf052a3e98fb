#include <string.h>

#include "base/cursor.h"
#include "base/secret.h"
#include "bucket/cache.h"
#include "service/cold.h"

/* DESIGN: a feed's order is drawn when its bucket's content is read back, and only there; a cursor
 * therefore carries the nonce drawn with it, and one from elsewhere is as good as none: the reader
 * gets everything again, and loses nothing. The nonce outlives the content, until the next one is
 * there, and so does the feed's length: whoever has seen all waits without the content. */

/* Where a reader stands. Gives: 0, -EBADMSG (behind the end). */
static int position_of(const struct bucket *bucket, const struct feed_cursor *after,
                       size_t *position)
{
    *position = 0;
    if (!after || memcmp(after->bytes, bucket->feed_nonce, FEED_NONCE_BYTES) != 0)
        return 0;
    struct cursor cursor = cursor_over(after->bytes + FEED_NONCE_BYTES, 8);
    uint64_t given = cursor_be64(&cursor);
    if (given > bucket_feed_length(bucket))
        return -EBADMSG;
    *position = (size_t)given;
    return 0;
}

static void cursor_at(const struct bucket *bucket, size_t position, struct feed_cursor *cursor)
{
    memcpy(cursor->bytes, bucket->feed_nonce, FEED_NONCE_BYTES);
    put_be64(cursor->bytes + FEED_NONCE_BYTES, position);
}

/* How far one answer of at most `bytes_max` bytes goes, and how many bytes that is. */
static size_t answer_end(const struct content *content, size_t position, size_t bytes_max,
                         size_t *bytes)
{
    size_t end = position;
    *bytes = 0;
    for (; end < content->feed_length; end++) {
        size_t frame = 1 + frame_record_bytes(content->feed[end]->kind);
        if (end > position && *bytes + frame > bytes_max)
            break;
        *bytes += frame;
    }
    return end;
}

static int copy_frames(const struct bucket *bucket, size_t position, size_t bytes_max,
                       struct blob *frames, struct feed_cursor *next)
{
    const struct content *content = bucket->content;
    size_t bytes;
    size_t end = answer_end(content, position, bytes_max, &bytes);
    if (blob_new(frames, bytes, 1))
        return -ENOMEM;
    for (; position < end; position++) {
        const struct entry *entry = content->feed[position];
        blob_add(frames, &(uint8_t){(uint8_t)entry->kind}, 1);
        blob_add(frames, entry_bytes(entry), frame_record_bytes(entry->kind));
    }
    cursor_at(bucket, end, next);
    return 0;
}

/* Whether there is something after the cursor, or never will be. */
static bool answers_now(const struct bucket *bucket, const struct feed_cursor *after)
{
    size_t position;
    return position_of(bucket, after, &position) || position < bucket_feed_length(bucket) ||
           (position == 0 && !bucket->content);
}

/* Whether the header alone says that a reader has seen everything; then the content, which may be
 * with the store, is not needed. */
static bool has_seen_all(struct service *service, const uint8_t link[static ID_BYTES],
                         const struct feed_cursor *after)
{
    struct bucket *bucket;
    pthread_rwlock_rdlock(&service->lock);
    bool seen = after &&
                !table_find_bucket(&service->table, BUCKET_KIND_RENDEZVOUS, link,
                                   clock_wall_s(service->clock), &bucket) &&
                !answers_now(bucket, after);
    pthread_rwlock_unlock(&service->lock);
    return seen;
}

int service_feed(struct service *service, const uint8_t link[static ID_BYTES],
                 const struct feed_cursor *after, struct blob *frames, struct feed_cursor *next)
{
    struct hold hold;
    size_t position;
    if (has_seen_all(service, link, after)) {
        *next = *after;
        return blob_new(frames, 0, 1);
    }
    int err = cold_hold_bucket(service, BUCKET_KIND_RENDEZVOUS, link, &hold);
    if (err)
        return err;
    err = position_of(hold.bucket, after, &position);
    if (!err)
        err = copy_frames(hold.bucket, position, service->settings.feed_bytes_max, frames, next);
    cold_release(service, &hold);
    return err;
}

int service_feed_wait(struct service *service, const uint8_t link[static ID_BYTES],
                      const struct feed_cursor *after, struct waiter *waiter)
{
    int64_t now_s = clock_wall_s(service->clock);
    struct bucket *bucket;
    bool earliest = false, now = true;
    int err = 0;
    /* The lock keeps the writer from publishing between looking and waiting. */
    pthread_rwlock_rdlock(&service->lock);
    if (!table_find_bucket(&service->table, BUCKET_KIND_RENDEZVOUS, link, now_s, &bucket))
        now = answers_now(bucket, after);
    if (!now) {
        bucket_use(bucket, CHANCES_WAITED_ON);
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
