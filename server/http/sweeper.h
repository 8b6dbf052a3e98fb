/* A thread that looks for overdue connections. */
#ifndef REUNION_HTTP_SWEEPER_H
#define REUNION_HTTP_SWEEPER_H

#include <pthread.h>
#include <stdbool.h>

#include "http/connections.h"

struct sweeper {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool look, stopping;
    struct connections *connections;
};

/* Sweep the connections, which must outlive the sweeper, whenever something is due.
 * Gives: 0, -EAGAIN. */
MUST_CHECK int sweeper_start(struct sweeper *sweeper, struct connections *connections);

/* The clock was set: sweep now. Returns when that is done. Any thread. */
void sweeper_look(struct sweeper *sweeper);

/* End the thread. */
void sweeper_stop(struct sweeper *sweeper);

#endif
