#include "service/cache_pin.h"

#include <string.h>

#include "base/log.h"
#include "bucket/cache.h"

/* Reading back */

struct loading {
    const struct table *table; /* only what never changes: no lock is held */
    struct content *content;
};

static int load_t1(void *context, const struct store_t1 *t1)
{
    struct loading *loading = context;
    struct t1_draft draft = {.bytes = t1->bytes, .keyed = t1->key_hash != NULL};
    memcpy(draft.id, t1->id, ID_BYTES);
    if (t1->key_hash)
        memcpy(draft.key_hash, t1->key_hash, ID_BYTES);
    draft.stamp = t1->stamp;
    return content_load_t1(loading->content, &draft, table_t1_hash(loading->table, draft.id),
                           t1->records);
}

static int load_record(void *context, const struct store_record *record)
{
    struct loading *loading = context;
    uint64_t hash = content_record_hash(loading->table->index_key, record->kind, record->bytes);
    return content_load_record(loading->content, hash, record->kind, record->bytes);
}

static int load_seed(void *context, const uint8_t seed[static LINK_SEED_BYTES])
{
    struct loading *loading = context;
    if (loading->content)
        return -EBADMSG;
    loading->content = content_new_links(seed);
    return loading->content ? 0 : -ENOMEM;
}

static int load_link(void *context, const struct store_link *link)
{
    struct loading *loading = context;
    if (!loading->content)
        return -EBADMSG;
    return link_slots_load(loading->content->slots, link->slot, link->bytes);
}

/* Of a bucket that the store does not have any more there is no seed, and then no content. */
static int load_links(struct store_reader *reader, const struct bucket_id *id,
                      struct loading *loading)
{
    return store_load_links(reader, id,
                            &(struct store_link_visitor){load_seed, load_link, loading});
}

static int load_entries(struct store_reader *reader, const struct bucket_id *id,
                        struct loading *loading)
{
    loading->content = content_new(loading->table->index_key);
    if (!loading->content)
        return -ENOMEM;
    return store_load_entries(reader, id,
                              &(struct store_entry_visitor){load_t1, load_record, loading});
}

/* Returns: 0 (`*content` is the caller's; NULL: the store does not have the bucket), or why not. */
static int read_content(struct service *service, struct store_reader *reader, char kind,
                        const struct bucket_id *id, struct content **content)
{
    struct loading loading = {&service->table, NULL};
    int err = kind == BUCKET_KIND_LINKS ? load_links(reader, id, &loading)
                                        : load_entries(reader, id, &loading);
    if (err) {
        content_free(loading.content);
        return err;
    }
    tally(&service->tallies.cold_reads, 1);
    *content = loading.content;
    return 0;
}

int cold_read(struct service *service, const struct bucket *bucket, struct content **content)
{
    struct content *read = NULL;
    int err = read_content(service, service->writers_reader, bucket->kind, &bucket->id, &read);
    if (!err && !read)
        err = -EBADMSG;
    if (!err)
        *content = read;
    return cold_told(service, err);
}

int cold_told(struct service *service, int err)
{
    if (err == 0)
        return 0;
    tally(&service->tallies.cold_read_failures, 1);
    if (err == -ENOMEM)
        return err;
    if (!atomic_exchange(&service->reading_failed, true))
        log_line(LOG_ERROR, "stored records cannot be read", "database=\"%.200s\" reason=\"%s\"",
                 service->store->name, store_reason(err));
    return -EIO;
}

/* Readers: a few, for as many threads as come. */

static struct store_reader *take_reader(struct cold *cold)
{
    pthread_mutex_lock(&cold->mutex);
    while (cold->free_count == 0)
        pthread_cond_wait(&cold->returned, &cold->mutex);
    struct store_reader *reader = cold->free[--cold->free_count];
    pthread_mutex_unlock(&cold->mutex);
    return reader;
}

static void return_reader(struct cold *cold, struct store_reader *reader)
{
    pthread_mutex_lock(&cold->mutex);
    cold->free[cold->free_count++] = reader;
    pthread_mutex_unlock(&cold->mutex);
    pthread_cond_signal(&cold->returned);
}

int cold_open(struct service *service)
{
    struct cold *cold = &service->cold;
    pthread_mutex_init(&cold->mutex, NULL);
    pthread_cond_init(&cold->returned, NULL);
    int err = store_open_reader(service->store, &service->writers_reader);
    for (; !err && cold->free_count < COLD_READERS; cold->free_count += err ? 0 : 1)
        err = store_open_reader(service->store, &cold->free[cold->free_count]);
    return err;
}

void cold_close(struct service *service)
{
    struct cold *cold = &service->cold;
    while (cold->free_count > 0)
        store_close_reader(cold->free[--cold->free_count]);
    store_close_reader(service->writers_reader);
    pthread_cond_destroy(&cold->returned);
    pthread_mutex_destroy(&cold->mutex);
}

/* Holding */

/* A cold bucket as it was when its reading began. */
struct seen {
    char kind;
    struct bucket_id id;
    uint8_t link[ID_BYTES];
    uint64_t generation;
};

static struct seen see(const struct bucket *bucket)
{
    struct seen seen = {.kind = bucket->kind, .id = bucket->id, .generation = bucket->generation};
    memcpy(seen.link, bucket->link, ID_BYTES);
    return seen;
}

/* Keep a content, if there is one, until the lock is given back. */
static void put_aside(struct hold *hold, struct content *content)
{
    if (!content)
        return;
    content->next = hold->gone;
    hold->gone = content;
}

/* Install what was read, if the bucket is as it was seen; the lock is held exclusively. What is not
 * installed, and what has to make room, goes. Returns: 0, -EBADMSG, -ENOMEM. */
static int install(struct service *service, const struct seen *seen, struct content *content,
                   struct hold *hold)
{
    struct table *table = &service->table;
    struct bucket *bucket;
    int err =
        table_find_bucket(table, seen->kind, seen->link, clock_wall_s(service->clock), &bucket);
    bool as_seen = !err && !bucket->content && bucket->generation == seen->generation;
    if (!as_seen)
        err = 0;
    else
        err = content ? table_install(table, bucket, content) : -EBADMSG;
    if (!as_seen || err) {
        put_aside(hold, content);
        return err;
    }
    bucket_use(bucket, CHANCES_READ);
    struct content *gone = table_trim(table, bucket);
    while (gone) {
        struct content *next = gone->next;
        put_aside(hold, gone);
        gone = next;
    }
    return 0;
}

/* Read a cold bucket back. The lock is held before, in any way, and exclusively afterwards; between
 * the two it is not. Whether the bucket is there and warm then has to be looked up. */
static int warm_up(struct service *service, const struct bucket *bucket, struct hold *hold)
{
    struct seen seen = see(bucket);
    struct content *content;
    pthread_rwlock_unlock(&service->lock);
    struct store_reader *reader = take_reader(&service->cold);
    int err = read_content(service, reader, seen.kind, &seen.id, &content);
    return_reader(&service->cold, reader);
    pthread_rwlock_wrlock(&service->lock);
    return cold_told(service, err ? err : install(service, &seen, content, hold));
}

int cold_hold_bucket(struct service *service, char kind, const uint8_t link[static ID_BYTES],
                     struct hold *hold)
{
    int err = 0;
    *hold = (struct hold){0};
    pthread_rwlock_rdlock(&service->lock);
    while (!err) {
        err = table_find_bucket(&service->table, kind, link, clock_wall_s(service->clock),
                                &hold->bucket);
        if (!err && hold->bucket->content)
            break;
        if (!err)
            err = warm_up(service, hold->bucket, hold);
    }
    if (err)
        cold_release(service, hold);
    else
        bucket_use(hold->bucket, CHANCES_READ);
    return err;
}

int cold_hold_t1(struct service *service, const uint8_t id[static ID_BYTES], struct hold *hold)
{
    int err = 0;
    int64_t now_s = clock_wall_s(service->clock);
    *hold = (struct hold){0};
    pthread_rwlock_rdlock(&service->lock);
    while (!err && !(hold->t1 = table_find_t1(&service->table, id, now_s))) {
        const struct bucket *cold = table_find_cold(&service->table, id, now_s);
        err = cold ? warm_up(service, cold, hold) : -ENOENT;
    }
    if (err) {
        cold_release(service, hold);
        return err;
    }
    hold->bucket = hold->t1->bucket;
    bucket_use(hold->bucket, CHANCES_READ);
    return 0;
}

void cold_release(struct service *service, struct hold *hold)
{
    pthread_rwlock_unlock(&service->lock);
    contents_free(hold->gone);
    hold->gone = NULL;
}
