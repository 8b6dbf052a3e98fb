#include <time.h>

#include "base/owner_of.h"
#include "service/state.h"

/* DESIGN: the thread sleeps until the earliest of what it knows to be due: the end of a wait, a
 * bucket's closing or expiry, or the next step of an expiry that is done in several. What fails is
 * tried again after a while. It looks again when told that something may be due earlier, and every
 * now and then anyway, as the wall clock can be set without anybody telling. */

enum { LOOK_AT_LEAST_MS = 10000, RETRY_MS = 1000 };

void timer_look(struct service *service)
{
    pthread_mutex_lock(&service->timer.mutex);
    service->timer.look = true;
    pthread_mutex_unlock(&service->timer.mutex);
    pthread_cond_signal(&service->timer.changed);
}

static void time_post_done(struct post *post)
{
    struct timer *timer = OWNER_OF(post, struct timer, time_post);
    const struct service *service = OWNER_OF(timer, struct service, timer);
    int64_t now_ms = clock_monotonic_ms(service->clock);
    pthread_mutex_lock(&timer->mutex);
    timer->time_under_way = false;
    timer->retry_ms = post->outcome == POST_STORED ? now_ms : now_ms + RETRY_MS;
    timer->look = true;
    pthread_mutex_unlock(&timer->mutex);
    pthread_cond_signal(&timer->changed);
}

int64_t service_next_event_s(const struct service *service, int64_t now_s)
{
    int64_t bucket_s = table_next_event_s(&service->table, now_s);
    int64_t mailbox_s = mailboxes_next_end_s(&service->mailboxes);
    return bucket_s < mailbox_s ? bucket_s : mailbox_s;
}

/* Milliseconds until something changes by time alone, or something is left to do already. */
static int64_t until_event_ms(struct service *service)
{
    int64_t now_s = clock_wall_s(service->clock);
    pthread_rwlock_rdlock(&service->lock);
    int64_t next_s = service_next_event_s(service, now_s);
    pthread_rwlock_unlock(&service->lock);
    if (next_s <= now_s || atomic_load(&service->time_is_due))
        return 0;
    return next_s - now_s < LOOK_AT_LEAST_MS / 1000 ? (next_s - now_s) * 1000 : LOOK_AT_LEAST_MS;
}

static void submit_time(struct service *service)
{
    struct timer *timer = &service->timer;
    timer->time_post = (struct post){.kind = &post_time, .done = time_post_done};
    if (service_submit(service, &timer->time_post)) {
        timer->time_post.outcome = POST_UNAVAILABLE;
        time_post_done(&timer->time_post);
    }
}

/* Have the writer close and expire what is due. Returns: when to look again. */
static int64_t change_buckets(struct service *service, int64_t now_ms)
{
    struct timer *timer = &service->timer;
    int64_t until_ms = until_event_ms(service);
    if (until_ms > 0)
        return now_ms + until_ms;
    pthread_mutex_lock(&timer->mutex);
    bool submit = !timer->time_under_way && now_ms >= timer->retry_ms;
    timer->time_under_way |= submit;
    /* Once it is done there will be a look anyway. */
    int64_t next_ms = timer->time_under_way ? now_ms + LOOK_AT_LEAST_MS : timer->retry_ms;
    pthread_mutex_unlock(&timer->mutex);
    if (submit)
        submit_time(service);
    return next_ms;
}

static void *run(void *argument)
{
    struct service *service = argument;
    struct timer *timer = &service->timer;
    pthread_mutex_lock(&timer->mutex);
    while (!timer->stopping) {
        timer->look = false;
        pthread_mutex_unlock(&timer->mutex);
        int64_t now_ms = clock_monotonic_ms(service->clock);
        int64_t wait_ends_ms = waiters_wake_due(&service->waiters, now_ms);
        int64_t next_ms = change_buckets(service, now_ms);
        if (wait_ends_ms < next_ms)
            next_ms = wait_ends_ms;
        pthread_mutex_lock(&timer->mutex);
        struct timespec until = clock_deadline(next_ms > now_ms ? next_ms - now_ms : 0);
        if (!timer->look && !timer->stopping)
            pthread_cond_timedwait(&timer->changed, &timer->mutex, &until);
    }
    pthread_mutex_unlock(&timer->mutex);
    return NULL;
}

int timer_start(struct service *service)
{
    struct timer *timer = &service->timer;
    if (pthread_create(&timer->thread, NULL, run, service))
        return -EAGAIN;
    pthread_setname_np(timer->thread, "timer");
    timer->started = true;
    return 0;
}

void timer_stop(struct service *service)
{
    struct timer *timer = &service->timer;
    pthread_mutex_lock(&timer->mutex);
    timer->stopping = true;
    pthread_mutex_unlock(&timer->mutex);
    pthread_cond_signal(&timer->changed);
    if (timer->started)
        pthread_join(timer->thread, NULL);
    timer->started = false;
}
