#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "service/reference_view.h"
#include "service/state.h"

/* Staging: the lock is held exclusively. */

static enum post_outcome t1_outcome(int err)
{
    switch (err) {
    case 0:
        return POST_STORED;
    case -EEXIST:
        return POST_STOOD;
    case -EACCES:
        return POST_WRONG_KEY;
    case -ENOENT:
        return POST_NO_BUCKET;
    case -EKEYEXPIRED:
        return POST_GONE;
    case -ENOSPC:
        return POST_FULL;
    case -EBUSY:
        return POST_CLOSED;
    default:
        return POST_UNAVAILABLE;
    }
}

static enum post_outcome stage_t1(struct service *service, struct post *post, int64_t now_s)
{
    struct t1_entry *standing = NULL;
    int err = table_stage_t1(&service->table, &service->batch, &post->t1, now_s, &standing);
    post->standing = standing;
    return t1_outcome(err);
}

/* Whether the records may be posted at all. */
static enum post_outcome check_sender(struct service *service, const struct post *post,
                                      int64_t now_s)
{
    for (size_t i = 1; i < post->record_count; i++)
        if (memcmp(post->records + i * RECORD_ADDRESSED_BYTES, post->records, ID_BYTES) != 0)
            return POST_MIXED;
    const struct t1_entry *sender = table_sender(&service->table, post->records, now_s);
    if (!sender)
        return POST_NO_SENDER;
    if (!sender->keyed || !secret_equal(sender->key_hash, post->key_hash, ID_BYTES))
        return POST_WRONG_KEY;
    return POST_STORED;
}

/* Count one record's result. Gives: whether the rest can go on. */
static bool count_record(struct post *post, size_t index, int err)
{
    switch (err) {
    case 0:
        post->stored++;
        return true;
    case -EEXIST:
        post->duplicate++;
        return true;
    case -ENOMEM:
        return false;
    default:
        if (post->refusals)
            post->refusals[post->refused] = (struct post_refusal){index, err};
        post->refused++;
        return true;
    }
}

static enum post_outcome stage_records(struct service *service, struct post *post, int64_t now_s)
{
    struct bucket *bucket = NULL;
    int err = table_find_bucket(&service->table, post->link, now_s, &bucket);
    if (err)
        return t1_outcome(err);
    enum post_outcome outcome = check_sender(service, post, now_s);
    for (size_t i = 0; i < post->record_count && outcome == POST_STORED; i++) {
        const uint8_t *bytes = post->records + i * RECORD_ADDRESSED_BYTES;
        err = table_stage_record(&service->table, &service->batch, bucket, post->record_kind, bytes,
                                 now_s);
        if (!count_record(post, i, err))
            outcome = POST_UNAVAILABLE;
    }
    return outcome;
}

static int stage_unaddressed(struct service *service, enum record_kind kind, const uint8_t *bytes,
                             int64_t now_s)
{
    struct t1_entry *sender = table_sender(&service->table, bytes, now_s);
    if (!sender || sender->keyed)
        return -EACCES;
    return table_stage_unaddressed(&service->table, &service->batch, sender, kind, bytes);
}

static enum post_outcome stage_reference(struct service *service, struct post *post, int64_t now_s)
{
    for (size_t i = 0; i < post->t1_count; i++) {
        struct t1_entry *standing;
        int err = table_stage_t1(&service->table, &service->batch, &post->t1s[i], now_s, &standing);
        if (!count_record(post, i, err))
            return POST_UNAVAILABLE;
    }
    for (size_t i = 0; i < post->record_count; i++) {
        const uint8_t *bytes = post->records + i * RECORD_ADDRESSED_BYTES;
        int err = stage_unaddressed(service, post->record_kind, bytes, now_s);
        if (!count_record(post, i, err))
            return POST_UNAVAILABLE;
    }
    tally(&service->tallies.reference_dropped, post->refused);
    return POST_STORED;
}

/* All of a post or nothing. */
static void stage(struct service *service, struct post *post, int64_t now_s)
{
    size_t mark = service->batch.count;
    post->stored = post->duplicate = post->refused = 0;
    post->standing = NULL;
    switch (post->kind) {
    case POST_T1:
        post->outcome = stage_t1(service, post, now_s);
        break;
    case POST_RECORDS:
        post->outcome = stage_records(service, post, now_s);
        break;
    case POST_REFERENCE:
        post->outcome = stage_reference(service, post, now_s);
        break;
    case POST_PROBE:
    case POST_TIME:
        post->outcome = POST_STORED;
        break;
    }
    if (post->outcome == POST_UNAVAILABLE)
        table_rollback(&service->table, &service->batch, mark);
}

static struct post *post_of(struct writer_job *job)
{
    return INDEX_OWNER(job, struct post, job);
}

static int stage_all(struct service *service, struct writer_jobs *jobs, bool *probe)
{
    int64_t now_s = clock_wall_s(service->clock);
    struct writer_job *job;
    *probe = false;
    pthread_rwlock_wrlock(&service->lock);
    /* Time first: the rules below take it that what is expired is on its way out. */
    int err = table_stage_time(&service->table, &service->batch, now_s);
    if (!err)
        STAILQ_FOREACH(job, jobs, next)
        {
            stage(service, post_of(job), now_s);
            *probe |= post_of(job)->kind == POST_PROBE;
        }
    pthread_rwlock_unlock(&service->lock);
    return err;
}

/* Committing: without the lock. */

static int commit(struct service *service, bool probe)
{
    const struct batch *batch = &service->batch;
    if (batch->count == 0 && !probe)
        return 0;
    int64_t start_ms = clock_monotonic_ms(service->clock);
    int err = batch->count > 0 ? store_commit(service->store, batch->changes, batch->count)
                               : store_probe(service->store);
    tally(err ? &service->tallies.commit_failures : &service->tallies.commits, 1);
    histogram_note(&service->tallies.commit_ms,
                   (uint64_t)(clock_monotonic_ms(service->clock) - start_ms));
    return err;
}

/* Publishing */

static void tell_standing(struct service *service, struct writer_jobs *jobs)
{
    int64_t now_s = clock_wall_s(service->clock);
    struct writer_job *job;
    STAILQ_FOREACH(job, jobs, next)
    {
        struct post *post = post_of(job);
        if (post->standing)
            service_tell(service, post->standing->entry.bucket, now_s, &post->bucket);
    }
}

/* Make the batch visible, or undo it. Gives: the buckets that died by it. */
static struct bucket *settle(struct service *service, struct writer_jobs *jobs, int err)
{
    struct bucket *dead = NULL;
    pthread_rwlock_wrlock(&service->lock);
    if (err) {
        table_rollback(&service->table, &service->batch, 0);
    } else {
        reference_view_note(service);
        dead = table_publish(&service->table, &service->batch);
        tell_standing(service, jobs);
    }
    pthread_rwlock_unlock(&service->lock);
    return dead;
}

/* Wake whoever waits in a bucket that got something or died. This thread alone takes buckets out
 * of the table, so they can be looked at without the lock. */
static void wake_and_bury(struct service *service, struct bucket *dead)
{
    bool opened = false;
    for (size_t i = 0; i < service->batch.count; i++) {
        const struct change *change = &service->batch.changes[i];
        opened |= change->kind == CHANGE_BUCKET_OPENED;
        if (change->entry || change->kind == CHANGE_BUCKET_EXPIRED)
            waiters_wake(&service->waiters, &change->bucket->waiters);
    }
    for (struct bucket *bucket = dead, *next; bucket; bucket = next) {
        next = bucket->older;
        bucket_free(bucket);
    }
    if (opened)
        timer_look(service);
}

static void tally_batch(struct service *service)
{
    struct tallies *tallies = &service->tallies;
    atomic_uint_fast64_t *const of_kind[] = {
        [CHANGE_BUCKET_OPENED] = &tallies->buckets_opened,
        [CHANGE_BUCKET_EXPIRED] = &tallies->buckets_expired,
        [CHANGE_T1_ADDED] = &tallies->t1s_stored,
        [CHANGE_RECORD_ADDED] = &tallies->records_stored,
    };
    for (size_t i = 0; i < service->batch.count; i++)
        if (of_kind[service->batch.changes[i].kind])
            tally(of_kind[service->batch.changes[i].kind], 1);
}

/* After a failed commit nothing that a post has found or stored can be relied on. */
static void complete(struct service *service, struct writer_jobs *jobs, int err)
{
    uint64_t posts = 0;
    for (; !STAILQ_EMPTY(jobs); posts++) {
        struct post *post = post_of(STAILQ_FIRST(jobs));
        STAILQ_REMOVE_HEAD(jobs, next);
        if (err && (post->outcome == POST_STORED || post->outcome == POST_STOOD))
            post->outcome = POST_UNAVAILABLE;
        tally(&service->tallies.posts, 1);
        post->done(post);
    }
    histogram_note(&service->tallies.commit_posts, posts);
}

static void fail_all(struct writer_jobs *jobs)
{
    struct writer_job *job;
    STAILQ_FOREACH(job, jobs, next)
    post_of(job)->outcome = POST_UNAVAILABLE;
}

/* Say once that committing fails, and once that it works again. */
static void report(struct service *service, int err)
{
    if (err && !service->failing)
        log_line(LOG_ERROR, "posts are refused", "reason=\"%s\"", err_text(err));
    else if (!err && service->failing)
        log_line(LOG_INFO, "posts are taken again", NULL);
    service->failing = err != 0;
}

void service_commit(void *context, struct writer_jobs *jobs)
{
    struct service *service = context;
    bool probe;
    int err = stage_all(service, jobs, &probe);
    if (err)
        fail_all(jobs);
    else
        err = commit(service, probe);
    report(service, err);
    struct bucket *dead = settle(service, jobs, err);
    wake_and_bury(service, dead);
    if (!err)
        tally_batch(service);
    batch_clear(&service->batch);
    complete(service, jobs, err);
}
