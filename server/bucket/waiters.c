#include "bucket/waiters.h"

#include <stdlib.h>

int waiters_init(struct waiters *waiters, size_t limit)
{
    *waiters = (struct waiters){.limit = limit,
                                .heap = calloc(WAITER_KINDS * limit + 1, sizeof *waiters->heap)};
    if (!waiters->heap)
        return -ENOMEM;
    pthread_mutex_init(&waiters->mutex, NULL);
    return 0;
}

void waiters_free(struct waiters *waiters)
{
    if (!waiters->heap)
        return;
    INVARIANT(waiters->count == 0);
    pthread_mutex_destroy(&waiters->mutex);
    free(waiters->heap);
    waiters->heap = NULL;
}

static void put(struct waiters *waiters, size_t place, struct waiter *waiter)
{
    waiters->heap[place] = waiter;
    waiter->place = place;
}

static void sift_up(struct waiters *waiters, size_t place, struct waiter *waiter)
{
    while (place > 0) {
        size_t parent = (place - 1) / 2;
        if (waiters->heap[parent]->deadline_ms <= waiter->deadline_ms)
            break;
        put(waiters, place, waiters->heap[parent]);
        place = parent;
    }
    put(waiters, place, waiter);
}

static void sift_down(struct waiters *waiters, size_t place, struct waiter *waiter)
{
    for (size_t child; (child = 2 * place + 1) < waiters->count; place = child) {
        if (child + 1 < waiters->count &&
            waiters->heap[child + 1]->deadline_ms < waiters->heap[child]->deadline_ms)
            child++;
        if (waiter->deadline_ms <= waiters->heap[child]->deadline_ms)
            break;
        put(waiters, place, waiters->heap[child]);
    }
    put(waiters, place, waiter);
}

/* Out of the bucket's list and out of the heap. */
static void take_out(struct waiters *waiters, struct waiter *waiter)
{
    LIST_REMOVE(waiter, siblings);
    waiter->waiting = false;
    waiters->of_kind[waiter->kind]--;
    struct waiter *last = waiters->heap[--waiters->count];
    if (last == waiter)
        return;
    if (last->deadline_ms < waiter->deadline_ms)
        sift_up(waiters, waiter->place, last);
    else
        sift_down(waiters, waiter->place, last);
}

static void wake_all(struct waiter_list *list)
{
    while (!LIST_EMPTY(list)) {
        struct waiter *waiter = LIST_FIRST(list);
        LIST_REMOVE(waiter, siblings);
        waiter->wake(waiter);
    }
}

int waiters_add(struct waiters *waiters, struct waiter_list *list, struct waiter *waiter,
                bool *earliest)
{
    int err = 0;
    pthread_mutex_lock(&waiters->mutex);
    if (waiters->stopped)
        err = -ECANCELED;
    else if (waiters->of_kind[waiter->kind] == waiters->limit)
        err = -ENOSPC;
    else {
        LIST_INSERT_HEAD(list, waiter, siblings);
        sift_up(waiters, waiters->count++, waiter);
        waiters->of_kind[waiter->kind]++;
        waiter->waiting = true;
        *earliest = waiter->place == 0;
    }
    pthread_mutex_unlock(&waiters->mutex);
    return err;
}

void waiters_wake(struct waiters *waiters, struct waiter_list *list)
{
    struct waiter_list woken = LIST_HEAD_INITIALIZER(woken);
    pthread_mutex_lock(&waiters->mutex);
    while (!LIST_EMPTY(list)) {
        struct waiter *waiter = LIST_FIRST(list);
        take_out(waiters, waiter);
        LIST_INSERT_HEAD(&woken, waiter, siblings);
    }
    pthread_mutex_unlock(&waiters->mutex);
    wake_all(&woken);
}

void waiters_cancel(struct waiters *waiters, struct waiter *waiter)
{
    pthread_mutex_lock(&waiters->mutex);
    bool waited = waiter->waiting;
    if (waited)
        take_out(waiters, waiter);
    pthread_mutex_unlock(&waiters->mutex);
    if (waited)
        waiter->wake(waiter);
}

int64_t waiters_wake_due(struct waiters *waiters, int64_t now_ms)
{
    struct waiter_list woken = LIST_HEAD_INITIALIZER(woken);
    pthread_mutex_lock(&waiters->mutex);
    while (waiters->count > 0 && waiters->heap[0]->deadline_ms <= now_ms) {
        struct waiter *waiter = waiters->heap[0];
        take_out(waiters, waiter);
        LIST_INSERT_HEAD(&woken, waiter, siblings);
    }
    int64_t next_ms = waiters->count > 0 ? waiters->heap[0]->deadline_ms : INT64_MAX;
    pthread_mutex_unlock(&waiters->mutex);
    wake_all(&woken);
    return next_ms;
}

size_t waiters_count(struct waiters *waiters)
{
    pthread_mutex_lock(&waiters->mutex);
    size_t count = waiters->count;
    pthread_mutex_unlock(&waiters->mutex);
    return count;
}

void waiters_stop(struct waiters *waiters)
{
    pthread_mutex_lock(&waiters->mutex);
    waiters->stopped = true;
    pthread_mutex_unlock(&waiters->mutex);
    waiters_wake_due(waiters, INT64_MAX);
}
