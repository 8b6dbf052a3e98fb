#include "store/migrate.h"

#include <stddef.h>

int migrate_error(int sqlite_code)
{
    switch (sqlite_code & 0xff) {
    case SQLITE_OK:
        return 0;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EAGAIN;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return -EBADMSG;
    default:
        return -EIO;
    }
}

/* The errno of the last call that failed on the log, or on the file; what a COMMIT writes fails
 * without SQLite's taking note of it for the connection. */
static int errno_of_files(sqlite3 *database)
{
    sqlite3_file *log = NULL;
    int system = 0;
    (void)sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log && log->pMethods && log->pMethods->xFileControl)
        (void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &system);
    if (system == 0)
        (void)sqlite3_file_control(database, "main", SQLITE_FCNTL_LAST_ERRNO, &system);
    return system;
}

int migrate_failure(sqlite3 *database, int sqlite_code)
{
    if (sqlite_code == SQLITE_READONLY_DBMOVED)
        return -ESTALE;
    if ((sqlite_code & 0xff) == SQLITE_READONLY)
        return -EROFS;
    int err = migrate_error(sqlite_code);
    int primary = sqlite_code & 0xff;
    if (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN)
        return err;
    int system = sqlite3_system_errno(database);
    if (system == 0)
        system = errno_of_files(database);
    return system > 0 ? -system : err;
}

/* The number a query gives. */
static int query_number(sqlite3 *database, const char *sql, int *number)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *number = sqlite3_column_int(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return migrate_failure(database, code);
}

int migrate_inspect(sqlite3 *database, const struct migrate_plan *plan, int *version)
{
    int application_id, user_version, objects;
    int err = query_number(database, "PRAGMA application_id", &application_id);
    if (!err)
        err = query_number(database, "PRAGMA user_version", &user_version);
    if (!err)
        err = query_number(database, "SELECT count(*) FROM sqlite_schema", &objects);
    if (err)
        return err;
    if (application_id == 0 && user_version == 0 && objects == 0) {
        *version = 0;
        return 0;
    }
    if (application_id != plan->application_id || user_version < 1)
        return -EBADMSG;
    if (user_version > plan->version)
        return -ENOTSUP;
    if (user_version < plan->oldest)
        return -EPROTONOSUPPORT;
    *version = user_version;
    return 0;
}

/* Run one script in one transaction, after which the schema must have number `version`. */
static int run_script(sqlite3 *database, const char *script, int version)
{
    int reached = -1;
    int err =
        migrate_failure(database, sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL));
    if (err)
        return err;
    err = migrate_failure(database, sqlite3_exec(database, script, NULL, NULL, NULL));
    if (!err)
        err = query_number(database, "PRAGMA user_version", &reached);
    if (!err && reached != version)
        err = -EINVAL;
    if (!err)
        err = migrate_failure(database, sqlite3_exec(database, "COMMIT", NULL, NULL, NULL));
    if (!sqlite3_get_autocommit(database))
        (void)sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

int migrate_run(sqlite3 *database, const struct migrate_plan *plan, int version)
{
    if (version == 0)
        return run_script(database, plan->schema, plan->version);
    int err = 0;
    for (; !err && version < plan->version; version++)
        err = run_script(database, plan->upgrades[version - plan->oldest], version + 1);
    return err;
}
