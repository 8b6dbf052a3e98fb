/* Clocks and waiting that only tests move. */
#ifndef REUNION_TESTS_LIB_FAKE_TIME_H
#define REUNION_TESTS_LIB_FAKE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/stop.h"

/* Waiting lets exactly the asked time pass, at once; a stop is a flag. */
struct fake_time {
    int64_t wall_s;
    int64_t monotonic_ms;
    int64_t waited_ms; /* in all */
    bool stop;
};

/* Both read and move `time`, which must outlive them. */
struct clock_source fake_time_clock(struct fake_time *time);
struct stop_source fake_time_stop(struct fake_time *time);

#endif
