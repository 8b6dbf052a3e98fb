/* The store in one SQLite file. */
#ifndef REUNION_STORE_SQLITE_H
#define REUNION_STORE_SQLITE_H

#include "base/err.h"
#include "store/store.h"

/* Open the file at `path`, made with mode 0600 if there is none, and hold it: a second server is
 * refused. An older schema is upgraded, if it was ever released. A file that is refused is left as
 * it was. Returns: 0 (`*store` is the caller's), -EBADMSG (no database of this program, or
 * damaged), -ENOTSUP (a newer schema), -EPROTONOSUPPORT (one that was never released), -EBUSY
 * (another server holds it), -EAGAIN (another program has locked it), -EINVAL (no regular file),
 * -EBADF (standard output or error leads into it), what open(2) gives (-ENOENT, -EACCES, -EISDIR,
 * …), -ENOSPC, -EIO, -ENOMEM. */
MUST_CHECK int store_sqlite_open(struct store **store, const char *path);

#endif
