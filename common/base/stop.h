/* Waiting and cancellation as a parameter, so that tests need not wait. */
#ifndef REUNION_BASE_STOP_H
#define REUNION_BASE_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct stop_source {
    /* Let `ms` milliseconds pass, at once with 0. 0, or -ECANCELED as soon as a stop is asked. */
    int (*wait)(void *state, int64_t ms);
    void *state;
    int fd; /* readable once a stop is asked, for those who wait in poll; -1 where there is none */
};

/* Let `ms` milliseconds pass. Any thread, several at once.
 * Returns: 0, -ECANCELED (asked to stop; again at every later call). */
MUST_CHECK int stop_wait(const struct stop_source *stop, int64_t ms);

/* Whether a stop has been asked. Any thread. */
bool stop_asked(const struct stop_source *stop);

#endif
