#include "service/cache_pin.h"

#include <string.h>

#include "base/log.h"
#include "bucket/cache.h"
#include "service/read_back.h"

/* Reading back */

/* Returns: as content_read_back. */
static int read_content(struct service *service, struct store_reader *reader, char kind,
                        const struct bucket_id *id, struct content **content)
{
    int err = content_read_back(&service->table, reader, kind, id, content);
    if (!err)
        count_more(&service->totals.evicted_reads, 1);
    return err;
}

int evicted_read(struct service *service, const struct bucket *bucket, struct content **content)
{
    struct content *read = NULL;
    int err = read_content(service, service->writers_reader, bucket->list->kind->letter,
                           &bucket->id, &read);
    if (!err && !read)
        err = -EBADMSG;
    if (!err)
        *content = read;
    return evicted_failure(service, err);
}

int evicted_failure(struct service *service, int err)
{
    if (err == 0)
        return 0;
    count_more(&service->totals.evicted_read_failures, 1);
    if (err == -ENOMEM)
        return err;
    if (!atomic_exchange(&service->reading_failed, true))
        log_line(LOG_ERROR, "stored records cannot be read", "database=\"%.200s\" reason=\"%s\"",
                 service->store->name, store_reason(err));
    return -EIO;
}

/* Readers: a few, for as many threads as come. */

static struct store_reader *take_reader(struct evicted_readers *evicted)
{
    pthread_mutex_lock(&evicted->mutex);
    while (evicted->free_count == 0)
        pthread_cond_wait(&evicted->returned, &evicted->mutex);
    struct store_reader *reader = evicted->free[--evicted->free_count];
    pthread_mutex_unlock(&evicted->mutex);
    return reader;
}

static void return_reader(struct evicted_readers *evicted, struct store_reader *reader)
{
    pthread_mutex_lock(&evicted->mutex);
    evicted->free[evicted->free_count++] = reader;
    pthread_mutex_unlock(&evicted->mutex);
    pthread_cond_signal(&evicted->returned);
}

int evicted_open(struct service *service)
{
    struct evicted_readers *evicted = &service->evicted;
    pthread_mutex_init(&evicted->mutex, NULL);
    pthread_cond_init(&evicted->returned, NULL);
    int err = store_open_reader(service->store, &service->writers_reader);
    for (; !err && evicted->free_count < EVICTED_READERS; evicted->free_count += err ? 0 : 1)
        err = store_open_reader(service->store, &evicted->free[evicted->free_count]);
    return err;
}

void evicted_close(struct service *service)
{
    struct evicted_readers *evicted = &service->evicted;
    while (evicted->free_count > 0)
        store_close_reader(evicted->free[--evicted->free_count]);
    store_close_reader(service->writers_reader);
    pthread_cond_destroy(&evicted->returned);
    pthread_mutex_destroy(&evicted->mutex);
}

/* Holding */

/* An evicted bucket as it was when its reading began. */
struct seen {
    char kind;
    struct bucket_id id;
    uint8_t bucket_hash[ID_BYTES];
    uint64_t generation;
};

static struct seen see(const struct bucket *bucket)
{
    struct seen seen = {
        .kind = bucket->list->kind->letter, .id = bucket->id, .generation = bucket->generation};
    memcpy(seen.bucket_hash, bucket->bucket_hash, ID_BYTES);
    return seen;
}

/* Keep a content, if there is one, until the lock is given back. */
static void put_aside(struct cache_pin *pin, struct content *content)
{
    if (!content)
        return;
    content->next = pin->gone;
    pin->gone = content;
}

/* Install what was read, if the bucket is as it was seen; the lock is held exclusively. What is not
 * installed, and what has to make room, goes. Returns: 0, -EBADMSG, -ENOMEM. */
static int install(struct service *service, const struct seen *seen, struct content *content,
                   struct cache_pin *pin)
{
    struct table *table = &service->table;
    struct bucket *bucket;
    int err = table_find_bucket(table, seen->kind, seen->bucket_hash, clock_wall_s(service->clock),
                                &bucket);
    bool as_seen = !err && !bucket->content && bucket->generation == seen->generation;
    if (!as_seen)
        err = 0;
    else
        err = content ? table_install(table, bucket, content) : -EBADMSG;
    if (!as_seen || err) {
        put_aside(pin, content);
        return err;
    }
    bucket_use(bucket, CLOCK_COUNTER_READ);
    struct content *gone = table_trim(table, bucket);
    while (gone) {
        struct content *next = gone->next;
        put_aside(pin, gone);
        gone = next;
    }
    return 0;
}

/* Read an evicted bucket back. The lock is held before, in any way, and exclusively afterwards;
 * between the two it is not. Whether the bucket is there and cached then has to be looked up. */
static int read_back(struct service *service, const struct bucket *bucket, struct cache_pin *pin)
{
    struct seen seen = see(bucket);
    struct content *content;
    pthread_rwlock_unlock(&service->lock);
    struct store_reader *reader = take_reader(&service->evicted);
    int err = read_content(service, reader, seen.kind, &seen.id, &content);
    return_reader(&service->evicted, reader);
    pthread_rwlock_wrlock(&service->lock);
    return evicted_failure(service, err ? err : install(service, &seen, content, pin));
}

int cache_pin_bucket(struct service *service, char kind, const uint8_t bucket_hash[static ID_BYTES],
                     struct cache_pin *pin)
{
    int err = 0;
    *pin = (struct cache_pin){0};
    pthread_rwlock_rdlock(&service->lock);
    while (!err) {
        err = table_find_bucket(&service->table, kind, bucket_hash, clock_wall_s(service->clock),
                                &pin->bucket);
        if (!err && pin->bucket->content)
            break;
        if (!err)
            err = read_back(service, pin->bucket, pin);
    }
    if (err)
        cache_pin_release(service, pin);
    else
        bucket_use(pin->bucket, CLOCK_COUNTER_READ);
    return err;
}

int cache_pin_t1(struct service *service, const uint8_t id[static ID_BYTES], struct cache_pin *pin)
{
    int err = 0;
    int64_t now_s = clock_wall_s(service->clock);
    *pin = (struct cache_pin){0};
    pthread_rwlock_rdlock(&service->lock);
    while (!err && !(pin->t1 = table_find_t1(&service->table, id, now_s))) {
        const struct bucket *evicted = table_find_evicted(&service->table, id, now_s);
        err = evicted ? read_back(service, evicted, pin) : -ENOENT;
    }
    if (err) {
        cache_pin_release(service, pin);
        return err;
    }
    pin->bucket = pin->t1->bucket;
    bucket_use(pin->bucket, CLOCK_COUNTER_READ);
    return 0;
}

void cache_pin_release(struct service *service, struct cache_pin *pin)
{
    pthread_rwlock_unlock(&service->lock);
    contents_free(pin->gone);
    pin->gone = NULL;
}
