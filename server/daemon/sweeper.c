#include "daemon/sweeper.h"

static void *run(void *argument)
{
    struct sweeper *sweeper = argument;
    pthread_mutex_lock(&sweeper->mutex);
    while (!sweeper->stopping) {
        pthread_mutex_unlock(&sweeper->mutex);
        int64_t next_ms = sweeper->sweep(sweeper->context);
        int64_t now_ms = clock_monotonic_ms(sweeper->clock);
        pthread_mutex_lock(&sweeper->mutex);
        struct timespec until = clock_deadline(next_ms > now_ms ? next_ms - now_ms : 0);
        int code = 0;
        while (!sweeper->stopping && code == 0)
            code = pthread_cond_timedwait(&sweeper->changed, &sweeper->mutex, &until);
    }
    pthread_mutex_unlock(&sweeper->mutex);
    return NULL;
}

static void destroy(struct sweeper *sweeper)
{
    pthread_cond_destroy(&sweeper->changed);
    pthread_mutex_destroy(&sweeper->mutex);
}

int sweeper_start(struct sweeper *sweeper, const struct clock_source *clock,
                  int64_t (*sweep)(void *context), void *context)
{
    *sweeper = (struct sweeper){.clock = clock, .sweep = sweep, .context = context};
    clock_condition_init(&sweeper->changed);
    pthread_mutex_init(&sweeper->mutex, NULL);
    if (pthread_create(&sweeper->thread, NULL, run, sweeper)) {
        destroy(sweeper);
        return -EAGAIN;
    }
    pthread_setname_np(sweeper->thread, "sweeper");
    return 0;
}

void sweeper_stop(struct sweeper *sweeper)
{
    pthread_mutex_lock(&sweeper->mutex);
    sweeper->stopping = true;
    pthread_mutex_unlock(&sweeper->mutex);
    pthread_cond_signal(&sweeper->changed);
    pthread_join(sweeper->thread, NULL);
    destroy(sweeper);
}
