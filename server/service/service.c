#include "service/service.h"

#include <stdlib.h>
#include <string.h>

#include "service/state.h"

/* Loading */

struct loading {
    struct service *service;
    struct bucket *bucket; /* the one whose entries are being loaded */
};

static int load_bucket(void *context, const struct bucket_id *id, bool closed)
{
    struct loading *loading = context;
    struct bucket *bucket;
    return table_load_bucket(&loading->service->table, id, closed, &bucket);
}

static int load_t1(void *context, const struct store_t1 *t1)
{
    struct loading *loading = context;
    struct t1_draft draft = {.bytes = t1->bytes, .keyed = t1->key_hash != NULL};
    memcpy(draft.id, t1->id, ID_BYTES);
    if (t1->key_hash)
        memcpy(draft.key_hash, t1->key_hash, ID_BYTES);
    return table_load_t1(&loading->service->table, loading->bucket, &draft);
}

static int load_record(void *context, const struct store_record *record)
{
    struct loading *loading = context;
    return table_load_record(&loading->service->table, loading->bucket, record->kind,
                             record->bytes);
}

/* All live buckets with what they hold; of the expired ones only that they are there, as the first
 * commit drops them. */
static int load(struct service *service)
{
    struct loading loading = {.service = service};
    struct table *table = &service->table;
    int64_t now_s = clock_wall_s(service->clock);
    int err =
        store_load_buckets(service->store, &(struct store_bucket_visitor){load_bucket, &loading});
    for (struct bucket *bucket = table->newest; bucket && !err; bucket = bucket->older) {
        if (bucket_is_expired(bucket, &table->rules, now_s))
            continue;
        loading.bucket = bucket;
        err = store_load_entries(service->store, &bucket->id,
                                 &(struct store_entry_visitor){load_t1, load_record, &loading});
        table_load_finished(table, bucket);
    }
    return err;
}

/* Start and stop */

static int init(struct service *service)
{
    pthread_rwlockattr_t rwlock;
    pthread_condattr_t condition;
    int err = waiters_init(&service->waiters, service->settings.waiters_max);
    if (err)
        return err;
    /* Readers come all the time; without this they would keep the writer out. */
    pthread_rwlockattr_init(&rwlock);
    pthread_rwlockattr_setkind_np(&rwlock, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&service->lock, &rwlock);
    pthread_rwlockattr_destroy(&rwlock);
    pthread_condattr_init(&condition);
    pthread_condattr_setclock(&condition, CLOCK_MONOTONIC);
    pthread_cond_init(&service->timer.changed, &condition);
    pthread_condattr_destroy(&condition);
    pthread_mutex_init(&service->timer.mutex, NULL);
    return 0;
}

static int start_threads(struct service *service)
{
    int err = writer_start(&service->writer, service_commit, service);
    if (err)
        return err;
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
    service->store = store;
    table_init(&service->table, &settings->rules, random);
    int err = init(service);
    if (err) {
        store_close(store);
        free(service);
        return err;
    }
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
    writer_stop(&service->writer);
}

void service_free(struct service *service)
{
    if (!service)
        return;
    table_free(&service->table);
    batch_free(&service->batch);
    waiters_free(&service->waiters);
    writer_free(&service->writer);
    pthread_rwlock_destroy(&service->lock);
    pthread_cond_destroy(&service->timer.changed);
    pthread_mutex_destroy(&service->timer.mutex);
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

int service_submit(struct service *service, struct post *post)
{
    return writer_submit(&service->writer, &post->job);
}
