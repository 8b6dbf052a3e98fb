#include "daemon/watchdog.h"

#include "base/clock.h"

static void *run(void *argument)
{
    struct watchdog *watchdog = argument;
    pthread_mutex_lock(&watchdog->mutex);
    while (!watchdog->stopping) {
        struct timespec until = clock_deadline(watchdog->interval_ms);
        pthread_mutex_unlock(&watchdog->mutex);
        if (watchdog->works(watchdog->context, (int)(watchdog->interval_ms / 2)))
            watchdog->report(watchdog->context);
        pthread_mutex_lock(&watchdog->mutex);
        int code = 0;
        while (!watchdog->stopping && code == 0)
            code = pthread_cond_timedwait(&watchdog->changed, &watchdog->mutex, &until);
    }
    pthread_mutex_unlock(&watchdog->mutex);
    return NULL;
}

static void destroy(struct watchdog *watchdog)
{
    pthread_cond_destroy(&watchdog->changed);
    pthread_mutex_destroy(&watchdog->mutex);
}

int watchdog_start(struct watchdog *watchdog, int64_t interval_ms,
                   bool (*works)(void *context, int timeout_ms), void (*report)(void *context),
                   void *context)
{
    *watchdog = (struct watchdog){
        .interval_ms = interval_ms, .works = works, .report = report, .context = context};
    clock_condition_init(&watchdog->changed);
    pthread_mutex_init(&watchdog->mutex, NULL);
    if (pthread_create(&watchdog->thread, NULL, run, watchdog)) {
        destroy(watchdog);
        return -EAGAIN;
    }
    pthread_setname_np(watchdog->thread, "watchdog");
    watchdog->started = true;
    return 0;
}

void watchdog_stop(struct watchdog *watchdog)
{
    if (!watchdog->started)
        return;
    pthread_mutex_lock(&watchdog->mutex);
    watchdog->stopping = true;
    pthread_mutex_unlock(&watchdog->mutex);
    pthread_cond_signal(&watchdog->changed);
    pthread_join(watchdog->thread, NULL);
    destroy(watchdog);
    watchdog->started = false;
}
