/* Requests that wait for something new in a bucket, each until its deadline. */
#ifndef REUNION_BUCKET_WAITERS_H
#define REUNION_BUCKET_WAITERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"

/* DESIGN: each waiter stands in the list of its bucket, for waking, and in one heap, for its
 * deadline; one mutex guards both. The thread that takes a waiter out of both, in one step, calls
 * its `wake`, outside the mutex; so it is called exactly once, and is the last use of the waiter.
 * The thread that adds a waiter holds off the publishing of new entries (the table's lock), so that
 * none is missed between looking and waiting. */

/* Who comes one way takes no place from those who come the other. */
enum waiter_kind { WAITER_CONNECTED, WAITER_IN_PACKETS, WAITER_KINDS };

struct waiter {
    enum waiter_kind kind;
    void (*wake)(struct waiter *waiter); /* any thread; the waiter is its owner's again */
    int64_t deadline_ms;                 /* on the monotonic clock */
    size_t place;                        /* in the heap */
    bool waiting;                        /* in both; guarded by the mutex */
    LIST_ENTRY(waiter) siblings;
};

LIST_HEAD(waiter_list, waiter);

struct waiters {
    pthread_mutex_t mutex;
    struct waiter **heap; /* the earliest deadline first */
    size_t count, limit;
    size_t of_kind[WAITER_KINDS];
    bool stopped;
};

/* Returns: 0, -ENOMEM. All room for `limit` waiters of each kind is taken now. */
MUST_CHECK int waiters_init(struct waiters *waiters, size_t limit);
void waiters_free(struct waiters *waiters);

/* Wait in `list`. Any thread.
 * Returns: 0 (`wake` will be called; `*earliest` says whether no deadline is before this one),
 * -ENOSPC (`limit` of its kind are waiting), -ECANCELED (stopped). */
MUST_CHECK int waiters_add(struct waiters *waiters, struct waiter_list *list, struct waiter *waiter,
                           bool *earliest);

/* Wake all of a list. Any thread. */
void waiters_wake(struct waiters *waiters, struct waiter_list *list);

/* Wake one, if it still waits; a waiter of zeros does not. Any thread; the waiter must be there. */
void waiters_cancel(struct waiters *waiters, struct waiter *waiter);

/* Wake those whose deadline is not after `now_ms`.
 * Returns: the next deadline, INT64_MAX if nobody waits. Any thread. */
int64_t waiters_wake_due(struct waiters *waiters, int64_t now_ms);

/* How many wait. Any thread. */
size_t waiters_count(struct waiters *waiters);

/* Wake everybody, and refuse to wait from now on. Any thread. */
void waiters_stop(struct waiters *waiters);

#endif
