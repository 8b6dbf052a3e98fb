#include "service/service.h"

#include <stdlib.h>

#include "bucket/cache.h"
#include "bucket/staging_buckets.h"
#include "service/cache_pin.h"

/* Loading: the headers of all buckets, and hashes of the ids of the T1s of those alive. */

struct loading {
    struct table *table;
    int64_t now_s;
    struct bucket *bucket; /* the one whose T1s are being noted */
    uint64_t hashes[BUCKET_CAPACITY];
    struct stamp stamps[BUCKET_CAPACITY];
    uint32_t count;
};

static int load_bucket(void *context, char kind, const struct bucket_id *id, bool closed,
                       int64_t ends_s)
{
    struct loading *loading = context;
    struct bucket *bucket;
    int err = table_load_bucket(loading->table, kind, id, closed, &bucket);
    if (!err && ends_s != 0)
        table_shorten(bucket, ends_s);
    return err;
}

/* Note the T1s of the bucket under way. Of an expired one there is no need, as the first commit
 * drops it. */
static int note_t1s(struct loading *loading)
{
    struct bucket *bucket = loading->bucket;
    uint32_t count = loading->count;
    loading->count = 0;
    if (count == 0 || bucket_is_expired(bucket, &loading->table->rules, loading->now_s))
        return 0;
    int err = table_note_evicted(loading->table, bucket, loading->hashes, count);
    if (!err)
        table_note_paid(loading->table, bucket, loading->stamps, count, loading->now_s);
    return err;
}

/* Ids come in the order of the buckets, so both are walked side by side. */
static int load_t1_id(void *context, const struct bucket_id *id,
                      const uint8_t t1_id[static ID_BYTES], const struct stamp *stamp)
{
    struct loading *loading = context;
    while (loading->bucket && !bucket_id_equal(&loading->bucket->id, id)) {
        int err = note_t1s(loading);
        if (err)
            return err;
        loading->bucket = loading->bucket->newer;
    }
    if (!loading->bucket || loading->count == BUCKET_CAPACITY)
        return -EBADMSG;
    loading->stamps[loading->count] = *stamp;
    loading->hashes[loading->count++] = table_t1_hash(loading->table, t1_id);
    return 0;
}

static int load(struct service *service)
{
    struct loading loading = {.table = &service->table, .now_s = clock_wall_s(service->clock)};
    struct store_reader *reader = service->writers_reader;
    int err = store_load_buckets(reader, &(struct store_bucket_visitor){load_bucket, &loading});
    loading.bucket = service->table.rendezvous.oldest;
    if (!err)
        err = store_load_t1_ids(reader, &(struct store_id_visitor){load_t1_id, &loading});
    if (!err)
        err = note_t1s(&loading);
    return err ? err : service_load_mailboxes(service, reader);
}

/* Start and stop */

static int init(struct service *service)
{
    pthread_rwlockattr_t rwlock;
    int err = waiters_init(&service->waiters, service->settings.waiters_max);
    if (err)
        return err;
    /* Readers come all the time; without this they would keep the writer out. */
    pthread_rwlockattr_init(&rwlock);
    pthread_rwlockattr_setkind_np(&rwlock, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&service->lock, &rwlock);
    pthread_rwlockattr_destroy(&rwlock);
    clock_condition_init(&service->timer.changed);
    pthread_mutex_init(&service->timer.mutex, NULL);
    return 0;
}

static int start_threads(struct service *service)
{
    int err = write_thread_start(&service->writer, service_commit, service);
    if (err)
        return err;
    err = stamps_start(service);
    if (!err)
        err = timer_start(service);
    if (err)
        service_stop(service);
    return err;
}

int service_start(struct service **started, const struct service_settings *settings,
                  struct store *store, const struct clock_source *clock,
                  const struct random_source *random)
{
    struct service *service = calloc(1, sizeof *service);
    if (!service) {
        store_close(store);
        return -ENOMEM;
    }
    service->settings = *settings;
    service->clock = clock;
    random_fill(random, service->cursor_key, sizeof service->cursor_key);
    service->store = store;
    service->tidy_due = true; /* whoever ran before may have left something */
    atomic_init(&service->time_is_due, true);
    table_init(&service->table, &settings->rules, random);
    links_init(&service->links, &service->table, settings->link_buckets_max);
    mailboxes_init(&service->mailboxes, &settings->mailboxes, random);
    int err = init(service);
    if (err) {
        store_close(store);
        free(service);
        return err;
    }
    err = evicted_open(service);
    if (!err)
        err = load(service);
    if (!err)
        err = start_threads(service);
    if (err) {
        service_free(service);
        return err;
    }
    *started = service;
    return 0;
}

void service_end_waits(struct service *service)
{
    waiters_stop(&service->waiters);
}

void service_stop(struct service *service)
{
    service_end_waits(service);
    timer_stop(service);
    stamps_stop(service);
    write_thread_stop(&service->writer);
}

void service_free(struct service *service)
{
    if (!service)
        return;
    if (service->in_doubt)
        batch_rollback(&service->batch, 0);
    table_free(&service->table);
    mailboxes_free(&service->mailboxes);
    batch_free(&service->batch);
    waiters_free(&service->waiters);
    write_thread_free(&service->writer);
    stamps_free(service);
    pthread_rwlock_destroy(&service->lock);
    pthread_cond_destroy(&service->timer.changed);
    pthread_mutex_destroy(&service->timer.mutex);
    evicted_close(service);
    store_close(service->store);
    free(service);
}

int64_t service_now_s(const struct service *service)
{
    return clock_wall_s(service->clock);
}

int64_t service_now_ms(const struct service *service)
{
    return clock_monotonic_ms(service->clock);
}
