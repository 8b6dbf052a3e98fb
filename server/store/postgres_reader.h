/* Reading from the PostgreSQL store. */
#ifndef REUNION_STORE_POSTGRES_READER_H
#define REUNION_STORE_POSTGRES_READER_H

#include "base/err.h"
#include "store/store.h"

/* Open a reader of the database at `where`, which must outlive it.
 * Returns: 0 (`*reader` is the caller's), as postgres_open and postgres_prepare. */
MUST_CHECK int postgres_reader_open(const char *where, struct store_reader **reader);

#endif
