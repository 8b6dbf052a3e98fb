#include "base/log.h"
#include "bucket/cache.h"
#include "service/staging.h"

/* Committing: without the lock. */

static int commit(struct service *service, bool probe)
{
    struct batch *batch = &service->batch;
    if (batch->count == 0 && !probe)
        return 0;
    batch_seal(batch);
    int64_t start_ms = clock_monotonic_ms(service->clock);
    int err = batch->count > 0 ? store_commit(service->store, batch->changes, batch->count)
                               : store_probe(service->store);
    count_more(err ? &service->totals.commit_failures : &service->totals.commits, 1);
    histogram_note(&service->totals.commit_ms,
                   (uint64_t)(clock_monotonic_ms(service->clock) - start_ms));
    return err;
}

/* Publishing */

static void report_standing(struct service *service, struct write_jobs *jobs)
{
    int64_t now_s = clock_wall_s(service->clock);
    struct write_job *job;
    STAILQ_FOREACH(job, jobs, next)
    {
        struct post *post = post_of(job);
        if (post->standing)
            service_report(service, post->standing, now_s, &post->bucket);
    }
}

static void report_what_is_due(struct service *service)
{
    atomic_store(&service->time_is_due,
                 service->event_due || service->tidy_due || service->in_doubt);
}

/* Whether something was removed, which may still be on the disk. */
static bool leaves_something(const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (change_removes(batch->changes[i].kind))
            return true;
    return false;
}

/* What ended by a commit. */
struct dead {
    struct bucket *buckets;
    struct mailbox *mailboxes;
};

/* Make the batch visible, or undo it, and keep the memory bounded. Returns: what died by it, and
 * the contents that had to go. */
static struct dead settle(struct service *service, struct write_jobs *jobs, int err,
                          struct content **gone)
{
    struct dead dead = {NULL, NULL};
    pthread_rwlock_wrlock(&service->lock);
    staging_release(service);
    if (err) {
        batch_rollback(&service->batch, 0);
    } else {
        service->table.published++;
        batch_publish(&service->batch);
        dead.buckets = table_take_dead(&service->table);
        dead.mailboxes = mailboxes_take_dead(&service->mailboxes);
        report_standing(service, jobs);
        service->tidy_due |= leaves_something(&service->batch);
    }
    *gone = table_trim(&service->table, NULL);
    int64_t now_s = clock_wall_s(service->clock);
    service->event_due = service_next_event_s(service, now_s) <= now_s;
    report_what_is_due(service);
    pthread_rwlock_unlock(&service->lock);
    return dead;
}

/* Wake all who wait for what the batch has published, in what got something or died. This thread
 * alone takes out what dies, so that can be looked at without the lock. */
static void wake_and_bury(struct service *service, const struct dead *dead)
{
    const struct waiter_list *woken = NULL; /* neighbours in the batch are mostly of one bucket */
    bool opened = false, buried = dead->buckets || dead->mailboxes;
    for (size_t i = 0; i < service->batch.count; i++) {
        struct waiter_list *waiting = service->batch.staged[i].wakes;
        opened |= service->batch.changes[i].kind == CHANGE_BUCKET_OPENED;
        if (!waiting || waiting == woken)
            continue;
        waiters_wake(&service->waiters, waiting);
        woken = waiting;
    }
    for (struct bucket *bucket = dead->buckets, *next; bucket; bucket = next) {
        next = bucket->older;
        bucket_free(bucket);
    }
    service_bury_mailboxes(dead->mailboxes);
    if (opened || buried)
        timer_look(service);
}

static void count_batch(struct service *service)
{
    struct totals *totals = &service->totals;
    uint64_t of_kind[CHANGE_KINDS] = {0};
    for (size_t i = 0; i < service->batch.count; i++)
        of_kind[service->batch.changes[i].kind]++;
    count_more(&totals->buckets_opened, of_kind[CHANGE_BUCKET_OPENED]);
    count_more(&totals->buckets_expired, of_kind[CHANGE_BUCKET_EXPIRED]);
    count_more(&totals->t1s_stored, of_kind[CHANGE_T1_ADDED]);
    count_more(&totals->records_stored, of_kind[CHANGE_RECORD_ADDED]);
    count_more(&totals->stamps_raised, of_kind[CHANGE_T1_RAISED]);
    count_more(&totals->links_stored, of_kind[CHANGE_LINK_ADDED]);
    count_more(&totals->copies_stored, of_kind[CHANGE_COPY_ADDED]);
}

/* Say that buckets from the future were closed. How many there are tells nothing of anybody. */
static void report_ahead(struct service *service)
{
    int64_t now_s = clock_wall_s(service->clock), furthest_s = 0;
    size_t closed = 0;
    for (size_t i = 0; i < service->batch.count; i++) {
        const struct change *change = &service->batch.changes[i];
        int64_t ahead_s = (int64_t)change->id.created - now_s;
        if (change->kind != CHANGE_BUCKET_CLOSED || ahead_s <= AHEAD_S_MAX)
            continue;
        closed++;
        furthest_s = ahead_s > furthest_s ? ahead_s : furthest_s;
    }
    if (closed > 0)
        log_line(LOG_WARNING, "buckets from the future are closed",
                 "buckets=%zu ahead_s=%lld reason=\"the clock was set back, or is wrong now\"",
                 closed, (long long)furthest_s);
}

static void count_post(struct service *service, const struct post *post)
{
    struct totals *totals = &service->totals;
    count_more(&totals->posts, 1);
    if (post->kind == &post_delivery)
        count_more(&totals->deliveries, 1);
    if (post->outcome == POST_TOO_MANY_BUCKETS)
        count_more(&totals->refused_buckets, 1);
    else if (post->outcome == POST_TOO_MANY_PLACES)
        count_more(&totals->refused_places, 1);
    else if (post->outcome == POST_WINDOW_FULL)
        count_more(&totals->refused_window, 1);
    else if (post->outcome == POST_STORE_FULL)
        count_more(&totals->refused_stored, 1);
    else if (post->refused > 0)
        count_more(&totals->refused_sender, post->over_limit);
    if (post->kind->settled)
        post->kind->settled(post);
}

/* Tell every post how it went, but for those of time, which are taken out and wait for what comes
 * after the commit. After a failed commit nothing that a post has found or stored can be relied
 * on. */
static void complete(struct service *service, struct write_jobs *jobs, int err,
                     struct write_jobs *of_time)
{
    uint64_t posts = 0;
    while (!STAILQ_EMPTY(jobs)) {
        struct write_job *job = STAILQ_FIRST(jobs);
        struct post *post = post_of(job);
        STAILQ_REMOVE_HEAD(jobs, next);
        if (err && (post->outcome == POST_STORED || post->outcome == POST_STOOD ||
                    post->outcome == POST_RAISED))
            post->outcome = POST_UNAVAILABLE;
        if (post->kind == &post_time) {
            STAILQ_INSERT_TAIL(of_time, job, next);
            continue;
        }
        count_post(service, post);
        post->done(post);
        posts++;
    }
    if (posts > 0)
        histogram_note(&service->totals.commit_posts, posts);
}

/* What expired leaves the disk, step by step. Returns: 0, or why that has to wait. */
static int tidy(struct service *service)
{
    bool more;
    int err = store_tidy(service->store, &more);
    service->tidy_due = more;
    if (err && !service->untidy)
        log_line(LOG_WARNING, "what has expired cannot leave the disk yet", "reason=\"%s\"",
                 store_reason(err));
    else if (!more && service->untidy)
        log_line(LOG_INFO, "what has expired has left the disk", NULL);
    service->untidy = err || (service->untidy && more);
    return err;
}

static void complete_time(struct write_jobs *of_time, int err)
{
    while (!STAILQ_EMPTY(of_time)) {
        struct post *post = post_of(STAILQ_FIRST(of_time));
        STAILQ_REMOVE_HEAD(of_time, next);
        if (err)
            post->outcome = POST_UNAVAILABLE;
        post->done(post);
    }
}

static void fail_all(struct write_jobs *jobs)
{
    struct write_job *job;
    STAILQ_FOREACH(job, jobs, next)
    post_of(job)->outcome = POST_UNAVAILABLE;
}

static void report_refusal(const struct store *store, int err)
{
    if (store->said)
        log_line(LOG_ERROR, "posts are refused",
                 "database=\"%.200s\" reason=\"%s\" database_says=\"%.200s\"", store->name,
                 store_reason(err), store->said);
    else if (store->blamed)
        log_line(LOG_ERROR, "posts are refused",
                 "database=\"%.200s\" file=\"%.200s\" reason=\"%s\"", store->name, store->blamed,
                 store_reason(err));
    else
        log_line(LOG_ERROR, "posts are refused", "database=\"%.200s\" reason=\"%s\"", store->name,
                 store_reason(err));
}

/* Say once that committing fails, and why, once more if that changes, and once that it works
 * again. A commit in doubt is one of a database that does not answer. */
static void report(struct service *service, int err)
{
    if (err == -EINPROGRESS)
        err = -EHOSTUNREACH;
    if (err && err != service->failing)
        report_refusal(service->store, err);
    else if (!err && service->failing)
        log_line(LOG_INFO, "posts are taken again", NULL);
    service->failing = err;
}

/* Make memory follow what the store has done, or not done, with the batch. */
static void follow(struct service *service, struct write_jobs *jobs, int err)
{
    struct content *gone;
    struct dead dead = settle(service, jobs, err, &gone);
    wake_and_bury(service, &dead);
    if (!err) {
        count_batch(service);
        report_ahead(service);
    }
    batch_clear(&service->batch);
    contents_free(gone);
}

/* Learn what became of a batch that was in doubt. Until then it stays staged: nobody sees it, and
 * nothing else takes its places. Returns: 0, or why that cannot be known yet. */
static int resolve(struct service *service)
{
    struct write_jobs none = STAILQ_HEAD_INITIALIZER(none);
    bool is_durable;
    if (!service->in_doubt)
        return 0;
    int err = store_outcome(service->store, &is_durable);
    if (err)
        return err;
    service->in_doubt = false;
    follow(service, &none, is_durable ? 0 : -ECANCELED);
    return 0;
}

void service_commit(void *context, struct write_jobs *jobs)
{
    struct service *service = context;
    struct write_jobs of_time = STAILQ_HEAD_INITIALIZER(of_time);
    bool probe = false;
    int err = resolve(service), staged = err ? err : staging_run(service, jobs, &probe);
    if (staged)
        fail_all(jobs);
    if (!err)
        err = staged ? staged : commit(service, probe);
    report(service, err);
    service->in_doubt |= err == -EINPROGRESS;
    if (!service->in_doubt)
        follow(service, jobs, err);
    complete(service, jobs, err, &of_time);
    /* One step at a time: first all that expires, then what is left of it. */
    if (!STAILQ_EMPTY(&of_time) && !err && !service->event_due)
        err = tidy(service);
    report_what_is_due(service);
    complete_time(&of_time, err);
}
