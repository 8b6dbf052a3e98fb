/* A thread that does periodic work. */
#ifndef REUNION_DAEMON_SWEEPER_H
#define REUNION_DAEMON_SWEEPER_H

#include <pthread.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/err.h"

struct sweeper {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool stopping;
    const struct clock_source *clock;
    int64_t (*sweep)(void *context);
    void *context;
};

/* Call `sweep` whenever something is due: it does that and gives when to call it again, on the
 * monotonic clock, which is the clock's; it may be called by several threads at once. What is
 * pointed to must outlive the sweeper.
 * Returns: 0, -EAGAIN. */
MUST_CHECK int sweeper_start(struct sweeper *sweeper, const struct clock_source *clock,
                             int64_t (*sweep)(void *context), void *context);

/* End the thread. */
void sweeper_stop(struct sweeper *sweeper);

#endif
