/* The internals of the service, for its own source files. */
#ifndef REUNION_SERVICE_STATE_H
#define REUNION_SERVICE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "bucket/batch.h"
#include "bucket/table.h"
#include "links/links.h"
#include "mailbox/mailboxes.h"
#include "service/service.h"
#include "store/write_thread.h"

struct timer {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool started, stopping;
    bool look;           /* something may be due earlier than thought */
    bool time_under_way; /* `time_post` is with the writer */
    int64_t retry_ms;    /* no time post before that, on the monotonic clock */
    struct post time_post;
};

/* What service_counts tells since the start. */
struct totals {
    atomic_uint_fast64_t commits, commit_failures, posts;
    atomic_uint_fast64_t t1s_stored, records_stored, links_stored;
    atomic_uint_fast64_t buckets_opened, buckets_expired, evicted_reads, evicted_read_failures;
    atomic_uint_fast64_t refused_buckets, refused_places, refused_window;
    atomic_uint_fast64_t refused_stored, refused_sender;
    atomic_uint_fast64_t stamps_checked, stamps_raised;
    atomic_uint_fast64_t deliveries, copies_stored;
    struct histogram commit_posts, commit_ms;
};

/* Any thread; nothing is ordered by it. */
static inline void count_more(atomic_uint_fast64_t *count, uint64_t more)
{
    atomic_fetch_add_explicit(count, more, memory_order_relaxed);
}

enum { EVICTED_READERS = 2 };

struct evicted_readers {
    pthread_mutex_t mutex;
    pthread_cond_t returned;
    struct store_reader *free[EVICTED_READERS]; /* those that nobody uses */
    size_t free_count;
};

enum { CURSOR_KEY_BYTES = 32 };

struct service {
    struct service_settings settings;
    const struct clock_source *clock;
    uint8_t cursor_key[CURSOR_KEY_BYTES]; /* of this run */
    struct store *store;                  /* the writer's */
    pthread_rwlock_t lock;                /* of what follows */
    struct table table;
    struct links links;
    struct mailboxes mailboxes;
    struct evicted_readers evicted;
    struct store_reader *writers_reader;
    atomic_bool reading_failed;
    struct batch batch;       /* the writer's */
    struct bucket *pinned;    /* those read back for the batch; the writer's */
    int failing;              /* how the last commit did, or 0; the writer's */
    bool in_doubt;            /* the batch was to be committed, and perhaps was; the writer's */
    bool untidy;              /* the last tidying failed; the writer's */
    bool event_due, tidy_due; /* there are buckets to close or expire, things to tidy; the same */
    atomic_bool time_is_due;  /* either of them */
    struct write_thread writer;
    struct checker checker;
    struct argon2id_memory *checking_memory; /* the checker's */
    uint8_t secret[STAMP_SECRET_BYTES];      /* of the challenges; never changes */
    struct waiters waiters;
    struct timer timer;
    struct totals totals;
};

/* What is told of a bucket; the lock is held. */
void service_report(const struct service *service, const struct bucket *bucket, int64_t now_s,
                    struct bucket_facts *facts);

/* The unix second at which something closes, expires or ends next; INT64_MAX: nothing. The lock is
 * held. */
int64_t service_next_event_s(const struct service *service, int64_t now_s);

/* Load the mailboxes. Returns: 0, as store_load_mailboxes. */
MUST_CHECK int service_load_mailboxes(struct service *service, struct store_reader *reader);

/* Release mailboxes that ended (mailboxes_take_dead), in which nobody waits any more. */
void service_bury_mailboxes(struct mailbox *dead);

/* Handle the writer's jobs: stage, commit, publish, wake, complete. */
void service_commit(void *service, struct write_jobs *jobs);

/* Read the challenges' secret and start the checker; stop it before the writer; release the rest.
 * Returns: 0, what store_secret gives, -EAGAIN, -ENOMEM. */
MUST_CHECK int stamps_start(struct service *service);
void stamps_stop(struct service *service);
void stamps_free(struct service *service);

/* Start and stop the timer. Returns: 0, -EAGAIN. */
MUST_CHECK int timer_start(struct service *service);
void timer_stop(struct service *service);

/* Have the timer look again at what is due. */
void timer_look(struct service *service);

#endif
