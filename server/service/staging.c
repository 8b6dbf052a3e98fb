#include <string.h>

#include "base/secret.h"
#include "bucket/cache.h"
#include "bucket/need.h"
#include "bucket/staging_links.h"
#include "service/cache_pin.h"
#include "service/staging.h"

/* One post: the lock is held exclusively. */

static enum post_outcome outcome_of(int err)
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
    case -EMFILE:
        return POST_TOO_MANY_BUCKETS;
    case -EUSERS:
        return POST_TOO_MANY_PLACES;
    case -ENFILE:
        return POST_WINDOW_FULL;
    case -EFBIG:
        return POST_STORE_FULL;
    case -EPERM:
        return POST_UNPAID;
    case -EAGAIN:
        return POST_EVICTED;
    default:
        return POST_UNAVAILABLE;
    }
}

static uint32_t price_of(const struct service *service, const uint8_t *place, int64_t now_s)
{
    return table_price_t1(&service->table, table_place(&service->table, place), now_s);
}

static enum post_outcome stage_t1(struct service *service, struct post *post, int64_t now_s)
{
    struct t1_entry *standing = NULL;
    int err = table_stage_t1(&service->table, &service->batch, &post->t1, service->batch.count,
                             now_s, &standing);
    post->standing = standing ? standing->bucket : NULL;
    if (err == -EEXIST && standing && post->stamp.effort > 0) {
        err = table_stage_raise(&service->table, &service->batch, standing, &post->stamp, now_s);
        return err ? outcome_of(err) : POST_RAISED;
    }
    if (err == -EPERM)
        post->asked = price_of(service, post->t1.place, now_s);
    return outcome_of(err);
}

static enum post_outcome stage_link(struct service *service, struct post *post, int64_t now_s)
{
    struct bucket *standing = NULL;
    int err = table_stage_link(&service->table, &service->batch, post->blob, post->stamp.effort,
                               now_s, &standing);
    post->standing = standing;
    if (err == -EPERM)
        post->asked = table_price_link(&service->table, now_s);
    return outcome_of(err);
}

/* Whether the records may be posted at all. Gives POST_STORED and the sender, or why not. */
static enum post_outcome check_sender(struct service *service, const struct post *post,
                                      int64_t now_s, struct t1_entry **sender)
{
    for (size_t i = 1; i < post->record_count; i++)
        if (memcmp(post->records + i * RECORD_ADDRESSED_BYTES, post->records, ID_BYTES) != 0)
            return POST_MIXED;
    int err = table_need_t1(&service->table, post->records, now_s, sender);
    if (err)
        return err == -ENOENT ? POST_NO_SENDER : outcome_of(err);
    if (!(*sender)->keyed || !secret_equal((*sender)->key_hash, post->key_hash, ID_BYTES))
        return POST_WRONG_KEY;
    return POST_STORED;
}

static void note_result(struct post *post, size_t index, int err)
{
    if (post->results)
        post->results[index] = (uint8_t)(err == 0         ? RECORD_STORED
                                         : err == -EEXIST ? RECORD_STOOD
                                                          : RECORD_REFUSED);
}

/* Count one record's result. Returns: whether the rest can go on. */
static bool count_record(struct post *post, size_t index, int err)
{
    note_result(post, index, err);
    switch (err) {
    case 0:
        post->stored++;
        return true;
    case -EEXIST:
        post->duplicate++;
        return true;
    case -ENOMEM:
    case -EAGAIN:
    case -EFBIG:
        return false;
    default:
        post->over_limit += err == -EDQUOT ? 1 : 0;
        if (post->refusals)
            post->refusals[post->refused] = (struct post_refusal){index, err};
        post->refused++;
        return true;
    }
}

static enum post_outcome stage_records(struct service *service, struct post *post, int64_t now_s)
{
    struct bucket *bucket = NULL;
    struct t1_entry *sender = NULL;
    int err = table_find_bucket(&service->table, BUCKET_KIND_RENDEZVOUS, post->bucket_hash, now_s,
                                &bucket);
    if (!err)
        err = table_need(&service->table, bucket);
    if (err)
        return outcome_of(err);
    enum post_outcome outcome = check_sender(service, post, now_s, &sender);
    for (size_t i = 0; i < post->record_count && outcome == POST_STORED; i++) {
        const uint8_t *bytes = post->records + i * RECORD_ADDRESSED_BYTES;
        err = table_stage_record(&service->table, &service->batch, bucket, sender,
                                 post->record_kind, bytes, now_s);
        if (!count_record(post, i, err))
            outcome = outcome_of(err);
    }
    return outcome;
}

static int stage_unaddressed(struct service *service, enum record_kind kind, const uint8_t *bytes,
                             int64_t now_s)
{
    struct t1_entry *sender;
    int err = table_need_t1(&service->table, bytes, now_s, &sender);
    if (err == -EAGAIN)
        return err;
    if (err || sender->keyed)
        return -EACCES;
    return table_stage_unaddressed(&service->table, &service->batch, sender, kind, bytes);
}

/* What does not fit is refused; that is no matter of a sender's limit. */
static int stage_keyless(struct service *service, const struct t1_draft *draft, size_t mark,
                         int64_t now_s)
{
    struct t1_entry *standing;
    int err = table_stage_t1(&service->table, &service->batch, draft, mark, now_s, &standing);
    return err == -EDQUOT ? -ENOSPC : err;
}

static enum post_outcome stage_reference(struct service *service, struct post *post, int64_t now_s)
{
    size_t mark = service->batch.count;
    for (size_t i = 0; i < post->t1_count; i++) {
        int err = stage_keyless(service, &post->t1s[i], mark, now_s);
        if (err == -EPERM)
            post->asked = price_of(service, NULL, now_s);
        if (err == -EMFILE || err == -EPERM || !count_record(post, i, err))
            return outcome_of(err);
    }
    for (size_t i = 0; i < post->record_count; i++) {
        const uint8_t *bytes = post->records + i * RECORD_ADDRESSED_BYTES;
        int err = stage_unaddressed(service, post->record_kind, bytes, now_s);
        if (!count_record(post, i, err))
            return outcome_of(err);
    }
    return POST_STORED;
}

/* When there is room again at the latest, if that is known: buckets and places go with time, and a
 * window ends. */
static uint32_t retry_s_of(const struct service *service, enum post_outcome outcome, int64_t now_s)
{
    int64_t then_s = now_s;
    if (outcome == POST_TOO_MANY_BUCKETS || outcome == POST_TOO_MANY_PLACES)
        then_s = table_next_expiry_s(&service->table, now_s);
    else if (outcome == POST_WINDOW_FULL)
        then_s = bucket_closes_s(place_current(&service->table.links.common, now_s),
                                 &service->table.rules);
    if (then_s <= now_s || then_s == INT64_MAX)
        return 0;
    return then_s - now_s < UINT32_MAX ? (uint32_t)(then_s - now_s) : UINT32_MAX;
}

/* All of a post or nothing. */
static void stage(struct service *service, struct post *post, int64_t now_s)
{
    size_t mark = service->batch.count;
    post->stored = post->duplicate = post->refused = post->over_limit = 0;
    post->standing = NULL;
    switch (post->kind) {
    case POST_T1:
        post->outcome = stage_t1(service, post, now_s);
        break;
    case POST_LINK:
        post->outcome = stage_link(service, post, now_s);
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
    if (post->outcome != POST_STORED && post->outcome != POST_RAISED)
        table_rollback(&service->table, &service->batch, mark);
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
        STAILQ_FOREACH(job, jobs, next)
        {
            stage_or_defer(service, post_of(job), now_s, &deferred);
            *probe |= post_of(job)->kind == POST_PROBE;
        }
    pthread_rwlock_unlock(&service->lock);
    while (deferred) {
        read_wanted(service, deferred);
        deferred = stage_deferred(service, deferred, now_s);
    }
    return err;
}
