#include "store/statements.h"

#include <string.h>

#include "store/migrate.h"

/* Far beyond any clock, and far enough from the end of the range that times can be added to it. */
static const sqlite3_int64 CREATED_S_MAX = INT64_MAX / 2;

int statements_prepare(struct statements *statements, sqlite3 *database, const char *const *texts)
{
    statements->database = database;
    for (size_t i = 0; texts[i]; i++) {
        INVARIANT(i < STATEMENTS_MAX);
        int code = sqlite3_prepare_v3(database, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &statements->of[i], NULL);
        if (code == SQLITE_ERROR)
            return -EBADMSG; /* our number, but not our tables */
        if (code != SQLITE_OK)
            return migrate_failure(database, code);
    }
    return 0;
}

void statements_free(struct statements *statements)
{
    for (size_t i = 0; i < STATEMENTS_MAX; i++)
        sqlite3_finalize(statements->of[i]);
    *statements = (struct statements){0};
}

int statements_run(struct statements *statements, size_t which)
{
    sqlite3_stmt *statement = statements->of[which];
    (void)sqlite3_step(statement);
    int code = sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return migrate_failure(statements->database, code);
}

int statements_each_row(struct statements *statements, size_t which,
                        int (*visit)(sqlite3_stmt *row, const void *visitor), const void *visitor)
{
    sqlite3_stmt *statement = statements->of[which];
    int err = 0;
    int code = SQLITE_DONE;
    while (!err && (code = sqlite3_step(statement)) == SQLITE_ROW)
        err = visit(statement, visitor);
    if (!err && code != SQLITE_DONE)
        err = migrate_error(code);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return err;
}

/* Binding */

void bind_bytes(sqlite3_stmt *statement, int parameter, const uint8_t *bytes, int length)
{
    sqlite3_bind_blob(statement, parameter, bytes, length, SQLITE_STATIC);
}

sqlite3_stmt *bind_window(struct statements *statements, size_t which, const struct bucket_id *id)
{
    sqlite3_stmt *statement = statements->of[which];
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)id->created);
    sqlite3_bind_int64(statement, 2, id->sequence);
    return statement;
}

sqlite3_stmt *bind_bucket(struct statements *statements, size_t which, const struct bucket_id *id)
{
    sqlite3_stmt *statement = bind_window(statements, which, id);
    bind_bytes(statement, 3, id->place, place_is_common(id->place) ? 0 : ID_BYTES);
    return statement;
}

/* Rows */

const uint8_t *row_bytes(sqlite3_stmt *row, int column, int length)
{
    return sqlite3_column_type(row, column) == SQLITE_BLOB &&
                   sqlite3_column_bytes(row, column) == length
               ? sqlite3_column_blob(row, column)
               : NULL;
}

int row_number(sqlite3_stmt *row, int column, uint32_t *value)
{
    sqlite3_int64 found = sqlite3_column_int64(row, column);
    if (found < 0 || found > UINT32_MAX)
        return -EBADMSG;
    *value = (uint32_t)found;
    return 0;
}

static int row_place(sqlite3_stmt *row, int column, uint8_t tag[static ID_BYTES])
{
    const uint8_t *bytes = row_bytes(row, column, ID_BYTES);
    bool is_empty =
        sqlite3_column_type(row, column) == SQLITE_BLOB && sqlite3_column_bytes(row, column) == 0;
    if (!is_empty && (!bytes || place_is_common(bytes)))
        return -EBADMSG;
    memset(tag, 0, ID_BYTES);
    if (!is_empty)
        memcpy(tag, bytes, ID_BYTES);
    return 0;
}

int row_bucket(sqlite3_stmt *row, struct bucket_id *id)
{
    sqlite3_int64 created = sqlite3_column_int64(row, 0);
    if (created < 0 || created > CREATED_S_MAX || row_number(row, 1, &id->sequence) ||
        row_place(row, 2, id->place))
        return -EBADMSG;
    id->created = (uint64_t)created;
    return 0;
}
