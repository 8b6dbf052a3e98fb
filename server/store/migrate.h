/* Schema upgrades to the newest version, or a clear refusal. */
#ifndef REUNION_STORE_MIGRATE_H
#define REUNION_STORE_MIGRATE_H

#include <sqlite3.h>

#include "base/err.h"

/* The schemas a program knows. */
struct migrate_plan {
    int application_id;
    int oldest;                  /* the first version that anybody may have */
    int version;                 /* the newest, made by `schema` in an empty file */
    const char *schema;          /* SQL that sets both numbers */
    const char *const *upgrades; /* upgrades[i] leads to version oldest + i + 1 */
};

/* See what a file holds, without writing to it.
 * Returns: 0 (`*version` is the schema's, 0 of an empty file), -EBADMSG (no database, or not of
 * this application), -ENOTSUP (a newer schema), -EPROTONOSUPPORT (one older than the oldest),
 * -EAGAIN (locked), -EIO, -ENOMEM. */
MUST_CHECK int migrate_inspect(sqlite3 *database, const struct migrate_plan *plan, int *version);

/* Make the newest schema, or upgrade from `version`, step by step, each in one transaction.
 * Returns: 0, -EINVAL (a script does not set the number it should), -EBADMSG, -ENOSPC, -EAGAIN,
 * -EIO, -ENOMEM; the file is at the last version that was reached. */
MUST_CHECK int migrate_run(sqlite3 *database, const struct migrate_plan *plan, int version);

/* The project's error code for one of SQLite's. */
int migrate_error(int sqlite_code);

/* The same for what has just failed on `database`, but the system's own errno where a call of the
 * system failed: -EROFS, -EDQUOT, -EFBIG, …. */
int migrate_failure(sqlite3 *database, int sqlite_code);

#endif
