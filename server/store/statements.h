/* Prepared statements of one SQLite connection, and the columns of their rows. */
#ifndef REUNION_STORE_STATEMENTS_H
#define REUNION_STORE_STATEMENTS_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/bucket_id.h"

enum { STATEMENTS_MAX = 16 };

/* For one thread at a time, as its connection. */
struct statements {
    sqlite3 *database;
    sqlite3_stmt *of[STATEMENTS_MAX];
};

/* Prepare a list of texts, which NULL ends. What is there is for statements_free in any case.
 * Returns: 0, -EBADMSG (a table or column is not there), and as migrate_failure. */
MUST_CHECK int statements_prepare(struct statements *statements, sqlite3 *database,
                                  const char *const *texts);

/* Release them; one of zeros is fine. */
void statements_free(struct statements *statements);

/* Run one that gives no rows; what was bound is forgotten. Returns: 0, as migrate_failure. */
int statements_run(struct statements *statements, size_t which);

/* Call `visit` for each row of one; its result, or the database's by migrate_error, ends it. What
 * was bound is forgotten. */
MUST_CHECK int statements_each_row(struct statements *statements, size_t which,
                                   int (*visit)(sqlite3_stmt *row, const void *visitor),
                                   const void *visitor);

/* Bind bytes, which stay as they are until it has run. */
void bind_bytes(sqlite3_stmt *statement, int parameter, const uint8_t *bytes, int length);

/* Bind a bucket's time and number as the first two, and its place, too, as the third. Returns: the
 * statement. */
sqlite3_stmt *bind_window(struct statements *statements, size_t which, const struct bucket_id *id);
sqlite3_stmt *bind_bucket(struct statements *statements, size_t which, const struct bucket_id *id);

/* Rows are checked as anything from outside is: the file may have been edited. */

/* The bytes of a column, or NULL unless it has just so many. */
const uint8_t *row_bytes(sqlite3_stmt *row, int column, int length);

/* A number that fits. Returns: 0, -EBADMSG. */
MUST_CHECK int row_number(sqlite3_stmt *row, int column, uint32_t *value);

/* The bucket in the first three columns: time, number, and the tag of its place, which of the
 * common one is no bytes. Returns: 0, -EBADMSG. */
MUST_CHECK int row_bucket(sqlite3_stmt *row, struct bucket_id *id);

#endif
