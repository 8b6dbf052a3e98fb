/* The clock as a parameter, so that tests can set it. */
#ifndef REUNION_BASE_CLOCK_H
#define REUNION_BASE_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

struct clock_source {
    int64_t (*wall_s)(void *state);       /* unix time in seconds; may jump */
    int64_t (*monotonic_ms)(void *state); /* never steps back; its origin means nothing */
    void *state;
};

/* The system's clocks. Any thread. */
extern const struct clock_source clock_system;

int64_t clock_wall_s(const struct clock_source *clock);
int64_t clock_monotonic_ms(const struct clock_source *clock);

/* The moment that far from now (not less than 0) on the system's monotonic clock, as
 * pthread_cond_timedwait takes it on a condition made for that clock. */
struct timespec clock_deadline(int64_t span_ms);

/* Make a condition for that clock, to be released by pthread_cond_destroy. */
void clock_condition_init(pthread_cond_t *condition);

#endif
