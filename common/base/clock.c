#include "base/clock.h"

#include <stddef.h>

#include "base/err.h"

static struct timespec now(clockid_t which)
{
    struct timespec time;
    INVARIANT(clock_gettime(which, &time) == 0);
    return time;
}

static int64_t system_wall_s(void *state)
{
    (void)state;
    return (int64_t)now(CLOCK_REALTIME).tv_sec;
}

static int64_t system_monotonic_ms(void *state)
{
    (void)state;
    struct timespec time = now(CLOCK_MONOTONIC);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

const struct clock_source clock_system = {system_wall_s, system_monotonic_ms, NULL};

int64_t clock_wall_s(const struct clock_source *clock)
{
    return clock->wall_s(clock->state);
}

int64_t clock_monotonic_ms(const struct clock_source *clock)
{
    return clock->monotonic_ms(clock->state);
}

struct timespec clock_deadline(int64_t span_ms)
{
    struct timespec deadline = now(CLOCK_MONOTONIC);
    int64_t nanoseconds = deadline.tv_nsec + span_ms % 1000 * 1000000;
    deadline.tv_sec += (time_t)(span_ms / 1000 + nanoseconds / 1000000000);
    deadline.tv_nsec = (long)(nanoseconds % 1000000000);
    return deadline;
}

void clock_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}
