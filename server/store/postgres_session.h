/* A connection to PostgreSQL with its prepared statements. */
#ifndef REUNION_STORE_POSTGRES_SESSION_H
#define REUNION_STORE_POSTGRES_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/postgres_values.h"

/* DESIGN: the connection never blocks for longer than its deadlines, whatever becomes of the
 * network: it is read and written by poll. Statements are sent in a pipeline, so that a commit of
 * any number of changes costs one round trip. Values are binary both ways. After a failure the
 * connection is closed, unless the server has answered in good order. */

/* Statements of one kind of thing, NULL after the last; `prefix` tells their names from others'. */
struct postgres_statements {
    const char *prefix;
    const char *const *texts;
};

enum { POSTGRES_SAID_BYTES = 256 };

struct postgres_session {
    PGconn *connection; /* NULL: closed */
    const char *where;  /* the connection string */
    /* In words for a log: what the database or libpq said about the last failure; may be empty. */
    char said[POSTGRES_SAID_BYTES];
    /* Of the last failure: whether the database may have done what was asked all the same. */
    bool in_doubt;
};

/* Connect and set what sql/postgres/session.sql has. `where` must outlive the session.
 * Returns: 0, -EHOSTUNREACH (nobody answers in time, or does not let us in: see `said`), -EPROTO (a
 * pooler stands between), -ENOMEM, or as postgres_finish; the session is closed then. */
MUST_CHECK int postgres_open(struct postgres_session *session, const char *where);

/* Close it; one of zeros is fine. What was said stays. */
void postgres_close(struct postgres_session *session);

/* Prepare statements: `count` sets. Returns: 0, -EBADMSG (not our tables), as postgres_finish. */
MUST_CHECK int postgres_prepare(struct postgres_session *session,
                                const struct postgres_statements *const *sets, size_t count);

/* Run a script, whose results are of no interest. Returns: as postgres_finish. */
MUST_CHECK int postgres_run_script(struct postgres_session *session, const char *script);

/* Send one statement of a pipeline, whose end postgres_finish reads. What is given is copied.
 * Returns: 0, -EHOSTUNREACH (the connection is lost), -ENOMEM. */
MUST_CHECK int postgres_send(struct postgres_session *session,
                             const struct postgres_statements *set, size_t which,
                             const struct postgres_values *values);

/* Wait until the pipeline is done: all of it or, after the first that fails, nothing more of it.
 * Returns: 0, -EAGAIN (somebody holds a lock), -ENOSPC (its disk is full), -EACCES (no right to
 * do that), -EBADMSG (not our tables), -EOWNERDEAD (somebody else wrote), -EHOSTUNREACH (the
 * connection is lost, or nothing came in time), -EIO. */
MUST_CHECK int postgres_finish(struct postgres_session *session);

/* Send one statement alone and call `visit` for each row (NULL: they are of no interest).
 * Returns: as postgres_finish, or what `visit` gave. */
MUST_CHECK int postgres_each_row(struct postgres_session *session,
                                 const struct postgres_statements *set, size_t which,
                                 const struct postgres_values *values,
                                 int (*visit)(const PGresult *row, int at, const void *context),
                                 const void *context);

/* The one number that a statement without parameters gives. Returns: as above, -EBADMSG (it gives
 * none). */
MUST_CHECK int postgres_number(struct postgres_session *session, const char *text, int64_t *number);

#endif
