/* A store in front of another: it fails, or calls the test, when the test says so. */
#ifndef REUNION_TESTS_LIB_FAILING_STORE_H
#define REUNION_TESTS_LIB_FAILING_STORE_H

#include "base/err.h"
#include "store/store.h"

/* Stand before `inner`, which becomes the new store's. Returns: 0 (`*store` is the caller's),
 * -ENOMEM (`inner` is closed). */
MUST_CHECK int failing_store_open(struct store **store, struct store *inner);

/* Let every commit and probe fail with `err` from now on, or succeed again (0). Any thread. */
void failing_store_fail(struct store *store, int err);

/* Let the answer to every commit be lost, whether that is done or not, and what became of it be
 * known again only with DOUBT_NONE. Any thread. */
enum doubt { DOUBT_NONE, DOUBT_DONE, DOUBT_UNDONE };
void failing_store_doubt(struct store *store, enum doubt doubt);

/* Have `call` called in every commit, before it is done, on the thread that commits; NULL: no more.
 * While no commit is under way. */
void failing_store_during_commit(struct store *store, void (*call)(void *context), void *context);

/* Let everything fail with `err` that readers do, or succeed again (0). Any thread. */
void failing_store_fail_reading(struct store *store, int err);

#endif
