/* Exponential backoff with jitter after a server failed. */
#ifndef REUNION_BASE_BACKOFF_H
#define REUNION_BASE_BACKOFF_H

#include <stdint.h>

#include "base/random.h"

enum {
    BACKOFF_FIRST_MS = 500,
    BACKOFF_MAX_MS = 60 * 1000,
    BACKOFF_ASKED_MS_MAX =
        60 * 60 * 1000, /* a Retry-After beyond that is not waited for in one go */
};

/* The wait before the next try after `failures` (1 or more) in a row: doubling, and random in its
 * upper half so that those who failed together do not return together. `asked_ms` is what the
 * server asked for, 0 if nothing; never less than that. */
int64_t backoff_ms(unsigned failures, int64_t asked_ms, const struct random_source *random);

#endif
