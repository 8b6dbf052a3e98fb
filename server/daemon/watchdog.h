/* A thread that notifies the service manager's watchdog while the server works. */
#ifndef REUNION_DAEMON_WATCHDOG_H
#define REUNION_DAEMON_WATCHDOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct watchdog {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool started, stopping;
    int64_t interval_ms;
    bool (*works)(void *context, int timeout_ms);
    void (*report)(void *context);
    void *context;
};

/* Every `interval_ms` ask `works`, which may take half of that, and call `report` if it does; both
 * on the watchdog's thread. Returns: 0, -EAGAIN. */
MUST_CHECK int watchdog_start(struct watchdog *watchdog, int64_t interval_ms,
                              bool (*works)(void *context, int timeout_ms),
                              void (*report)(void *context), void *context);

/* End the thread; one of zeros is fine. */
void watchdog_stop(struct watchdog *watchdog);

#endif
