/* The store in a PostgreSQL database. */
#ifndef REUNION_STORE_POSTGRES_H
#define REUNION_STORE_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/store.h"

/* Whether a name of a database is a connection string of PostgreSQL: postgresql://…, postgres://….
 * Any thread. */
bool store_postgres_is_named(const char *name);

/* Why a connection string cannot be taken, in words that have nothing of it, or NULL: it can. One
 * with a password cannot, as it would stand where others read it. Any thread. */
const char *store_postgres_fault(const char *where);

/* Where a connection string leads, for a log: hosts, ports and database, terminated. Any thread. */
enum { STORE_POSTGRES_NAME_BYTES = 256 };
void store_postgres_name(char name[static STORE_POSTGRES_NAME_BYTES], const char *where);

/* Open the database at `where`, whose tables are made if there are none, and hold it: a second
 * server is refused. What the database says when it refuses is put into `said`, terminated.
 * Returns: 0 (`*store` is the caller's), -EBUSY (another server holds it), -ENOTSUP (a newer
 * schema, or this program was built without PostgreSQL), -EBADMSG (there is a schema of that name
 * that is not this server's, or it is damaged), -EHOSTUNREACH (the database cannot be reached, or
 * does not let us in), -EPROTO (a pooler stands between), -EACCES (no right to do that), -ENOSPC,
 * -EAGAIN, -EIO, -ENOMEM. */
MUST_CHECK int store_postgres_open(struct store **store, const char *where, char *said,
                                   size_t said_bytes);

#endif
