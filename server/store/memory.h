/* A store in memory: for tests, and for servers that keep nothing. */
#ifndef REUNION_STORE_MEMORY_H
#define REUNION_STORE_MEMORY_H

#include "base/err.h"
#include "store/store.h"

/* Returns: 0 (`*store` is the caller's), -ENOMEM. */
MUST_CHECK int store_memory_open(struct store **store);

#endif
