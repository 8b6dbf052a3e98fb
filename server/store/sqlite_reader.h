/* Reading from the SQLite store. */
#ifndef REUNION_STORE_SQLITE_READER_H
#define REUNION_STORE_SQLITE_READER_H

#include "base/err.h"
#include "store/store.h"

/* Open a reader of a file that the store has open.
 * Returns: 0 (`*reader` is the caller's), -EBADMSG, -EAGAIN, -EIO, -ENOMEM. */
MUST_CHECK int sqlite_reader_open(const char *path, struct store_reader **reader);

#endif
