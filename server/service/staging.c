#include "service/staging.h"

#include "bucket/cache.h"
#include "bucket/staging_buckets.h"
#include "service/cache_pin.h"

/* One post: the lock is held exclusively. */

const struct post_kind post_probe = {.always_commits = true}, post_time = {0};

/* When there is room again at the latest, if that is known: buckets and places go with time. */
static uint32_t retry_s_of(const struct service *service, enum post_outcome outcome, int64_t now_s)
{
    if (outcome != POST_TOO_MANY_BUCKETS && outcome != POST_TOO_MANY_PLACES)
        return 0;
    return post_wait_s(table_next_expiry_s(&service->table, now_s), now_s);
}

/* All of a post or nothing. */
static void stage(struct service *service, struct post *post, int64_t now_s)
{
    size_t mark = service->batch.count;
    post->stored = post->duplicate = post->refused = post->over_limit = 0;
    post->standing = NULL;
    post->retry_s = 0;
    post->outcome = post->kind->stage ? post->kind->stage(service, post, now_s) : POST_STORED;
    if (post->outcome != POST_STORED && post->outcome != POST_RAISED)
        batch_rollback(&service->batch, mark);
    if (post->retry_s == 0)
        post->retry_s = retry_s_of(service, post->outcome, now_s);
}

/* Posts that lack something */

/* Stage a post, or put it off, with the bucket it lacks. */
static void stage_or_defer(struct service *service, struct post *post, int64_t now_s,
                           struct post **deferred)
{
    stage(service, post, now_s);
    if (post->outcome != POST_EVICTED)
        return;
    post->wanted = service->table.wanted;
    post->deferred = *deferred;
    *deferred = post;
}

/* Read back what the posts lack: without the lock. */
static void read_wanted(struct service *service, struct post *deferred)
{
    for (struct post *post = deferred; post; post = post->deferred) {
        struct bucket *bucket = post->wanted;
        if (!bucket->incoming && evicted_read(service, bucket, &bucket->incoming))
            bucket->incoming = NULL;
    }
}

static bool fits_in(struct service *service, struct bucket *bucket, struct content *incoming)
{
    return evicted_failure(service, table_install(&service->table, bucket, incoming)) == 0;
}

/* Put in place what was read, and keep it there until the batch is settled. A reader may have been
 * faster. Returns: whether the bucket is cached. */
static bool install(struct service *service, struct bucket *bucket, struct content **spare)
{
    struct content *incoming = bucket->incoming;
    bucket->incoming = NULL;
    if (incoming && (bucket->content || !fits_in(service, bucket, incoming))) {
        incoming->next = *spare;
        *spare = incoming;
    }
    if (bucket->content && !bucket->pinned) {
        bucket->pinned = true;
        bucket->pins++;
        bucket->next_pinned = service->pinned;
        service->pinned = bucket;
    }
    return bucket->content;
}

void staging_release(struct service *service)
{
    for (struct bucket *bucket = service->pinned; bucket; bucket = bucket->next_pinned) {
        bucket->pinned = false;
        bucket->pins--;
    }
    service->pinned = NULL;
}

/* Stage what was put off, now that what it lacked is there; it may lack more. */
static struct post *stage_deferred(struct service *service, struct post *deferred, int64_t now_s)
{
    struct post *again = NULL, *next;
    struct content *spare = NULL;
    pthread_rwlock_wrlock(&service->lock);
    for (struct post *post = deferred; post; post = next) {
        next = post->deferred;
        if (install(service, post->wanted, &spare))
            stage_or_defer(service, post, now_s, &again);
        else
            post->outcome = POST_UNAVAILABLE;
    }
    pthread_rwlock_unlock(&service->lock);
    contents_free(spare);
    return again;
}

int staging_run(struct service *service, struct write_jobs *jobs, bool *probe)
{
    int64_t now_s = clock_wall_s(service->clock);
    bool full = store_bytes(service->store) >= service->settings.stored_bytes_max;
    struct post *deferred = NULL;
    struct write_job *job;
    *probe = false;
    pthread_rwlock_wrlock(&service->lock);
    service->table.full = full;
    /* Time first: the rules below take it that what is expired is on its way out. */
    int err = table_stage_time(&service->table, &service->batch, now_s);
    if (!err)
        err = mailboxes_stage_time(&service->mailboxes, &service->batch, now_s);
    if (!err)
        STAILQ_FOREACH(job, jobs, next)
        {
            stage_or_defer(service, post_of(job), now_s, &deferred);
            *probe |= post_of(job)->kind->always_commits;
        }
    pthread_rwlock_unlock(&service->lock);
    while (deferred) {
        read_wanted(service, deferred);
        deferred = stage_deferred(service, deferred, now_s);
    }
    return err;
}
