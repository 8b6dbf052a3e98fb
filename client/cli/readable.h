/* Waiting until a descriptor is readable or a stop is asked for. */
#ifndef REUNION_CLI_READABLE_H
#define REUNION_CLI_READABLE_H

#include "base/err.h"
#include "base/stop.h"

/* Wait until `fd` has bytes or is at its end. Returns: 0, -ECANCELED (by `stop`),
 * an error of poll. */
MUST_CHECK int readable_wait(int fd, const struct stop_source *stop);

/* The same for at most that long at once; -1: as long as it takes. Returns: the same, or -ETIMEDOUT
 * (neither). */
MUST_CHECK int readable_wait_some(int fd, int patience_ms, const struct stop_source *stop);

/* Wait for the first of two descriptors, of which `other` may be -1; `*which` is the one.
 * Returns: as readable_wait. */
MUST_CHECK int readable_wait_either(int fd, int other, int *which, const struct stop_source *stop);

#endif
