/* A store in memory: for tests, and for servers that keep nothing. */
#ifndef REUNION_STORE_MEMORY_H
#define REUNION_STORE_MEMORY_H

#include "base/err.h"
#include "store/store.h"

/* Returns: 0 (`*store` is the caller's), -ENOMEM. */
MUST_CHECK int store_memory_open(struct store **store);

/* Let every commit and probe fail with `err` from now on, or succeed again (0). Any thread. */
void store_memory_fail(struct store *store, int err);

/* Have `call` called in every commit, before it is done, on the thread that commits; NULL: no more.
 * While no commit is under way. */
void store_memory_during_commit(struct store *store, void (*call)(void *context), void *context);

/* Let everything fail with `err` that readers do, or succeed again (0). Any thread. */
void store_memory_fail_reading(struct store *store, int err);

#endif
