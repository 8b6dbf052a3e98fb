#include "lib/fake_time.h"

static int64_t wall_s(void *state)
{
    const struct fake_time *time = state;
    return time->wall_s;
}

static int64_t monotonic_ms(void *state)
{
    const struct fake_time *time = state;
    return time->monotonic_ms;
}

static int wait_fake(void *state, int64_t ms)
{
    struct fake_time *time = state;
    if (time->stop)
        return -ECANCELED;
    time->waited_ms += ms;
    time->monotonic_ms += ms;
    time->wall_s = time->wall_s + ms / 1000;
    return 0;
}

struct clock_source fake_time_clock(struct fake_time *time)
{
    return (struct clock_source){wall_s, monotonic_ms, time};
}

struct stop_source fake_time_stop(struct fake_time *time)
{
    return (struct stop_source){wait_fake, time, -1};
}
