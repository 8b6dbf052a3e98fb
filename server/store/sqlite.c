#include "store/sqlite.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner_of.h"
#include "store/checkpointer.h"
#include "store/database_files.h"
#include "store/migrate.h"
#include "store/sql.h"
#include "store/sqlite_part.h"
#include "store/sqlite_reader.h"

/* DESIGN: one connection that writes, used by one thread at a time; readers have theirs
 * (sqlite_reader.c), and so has the thread that copies the log into the file (checkpointer.h). The
 * server's memory and the file must not drift apart, so a lock on the file keeps a second server
 * out; it is the kind that does not mix with SQLite's own, and it goes with the process however
 * that ends. Reading with other programs stays possible. Statements are prepared once.
 *
 * What is deleted is overwritten in its pages (secure_delete), but older versions of those stay in
 * the log, and in the file until they are copied there. Tidying makes that true of the disk: free
 * pages are given back, then the log is copied and truncated. It is due after a deletion, and on
 * opening, as the server before may have been killed between the two. */

enum { BUSY_WAIT_MS = 1000 };

/* So many pages are given back in one step, in between which posts go on. */
#define TIDY_PAGES "1024"

enum statement { BEGIN, COMMIT, ROLLBACK, GET_SECRET, PROBE, STATEMENTS };

static const char *const statement_text[STATEMENTS + 1] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [GET_SECRET] = "SELECT secret FROM challenge WHERE only = 1",
    [PROBE] = "UPDATE probe SET value = randomblob(16) WHERE only = 1",
};

static const char *const upgrades[] = {sql_upgrade_to_v6};

static const struct migrate_plan plan = {
    .application_id = 1380275534, /* "REUN" */
    .oldest = 5,
    .version = 6,
    .schema = sql_schema_v6,
    .upgrades = upgrades,
};

struct sqlite_store {
    struct store store;
    sqlite3 *database;
    struct database_files files;
    struct checkpointer checkpointer;
    int log_pages; /* after the last commit */
    bool tidy_due; /* something deleted may still be in the file or its log */
    struct statements statements, parts[SQLITE_PARTS];
};

static struct sqlite_store *of(struct store *store)
{
    return OWNER_OF(store, struct sqlite_store, store);
}

/* Begin a transaction, unless what is written would go to a file that nobody finds again. */
static int begin(struct sqlite_store *sqlite)
{
    int err = database_files_check(&sqlite->files);
    sqlite->store.blamed = sqlite->files.blamed;
    return err ? err : statements_run(&sqlite->statements, BEGIN);
}

/* Writing */

static int apply(struct sqlite_store *sqlite, const struct change *change)
{
    for (size_t i = 0; i < SQLITE_PARTS; i++)
        if (sqlite_parts[i]->kind == change->bucket_kind)
            return sqlite_parts[i]->apply(&sqlite->parts[i], change);
    return -EINVAL;
}

/* End the transaction that `err` says has gone well or not. */
static int end(struct sqlite_store *sqlite, int err)
{
    if (!err)
        err = statements_run(&sqlite->statements, COMMIT);
    if (!err)
        file_watch_note_commit(&sqlite->files.watch);
    if (!sqlite3_get_autocommit(sqlite->database))
        (void)statements_run(&sqlite->statements, ROLLBACK);
    return err;
}

static int sqlite_commit(struct store *store, const struct change *changes, size_t count)
{
    struct sqlite_store *sqlite = of(store);
    int err = begin(sqlite);
    if (err)
        return err;
    for (size_t i = 0; i < count && !err; i++) {
        err = apply(sqlite, &changes[i]);
        sqlite->tidy_due |= !err && change_removes(changes[i].kind);
    }
    err = end(sqlite, err);
    if (!err && checkpointer_note(&sqlite->checkpointer, sqlite->log_pages))
        (void)checkpointer_copy(&sqlite->checkpointer, sqlite->database, SQLITE_CHECKPOINT_PASSIVE);
    return err;
}

static int sqlite_secret(struct store *store, uint8_t secret[static STAMP_SECRET_BYTES])
{
    sqlite3_stmt *statement = of(store)->statements.of[GET_SECRET];
    int err = -EBADMSG;
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) == SQLITE_BLOB &&
        sqlite3_column_bytes(statement, 0) == STAMP_SECRET_BYTES) {
        memcpy(secret, sqlite3_column_blob(statement, 0), STAMP_SECRET_BYTES);
        err = 0;
    }
    int code = sqlite3_reset(statement);
    return code == SQLITE_OK ? err : migrate_error(code);
}

static int sqlite_probe(struct store *store)
{
    struct sqlite_store *sqlite = of(store);
    int err = begin(sqlite);
    return err ? err : end(sqlite, statements_run(&sqlite->statements, PROBE));
}

/* Forgetting */

/* How many pages are free, or -1. */
static int free_pages(struct sqlite_store *sqlite)
{
    sqlite3_stmt *statement = NULL;
    int pages = -1;
    if (sqlite3_prepare_v2(sqlite->database, "PRAGMA freelist_count", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        pages = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return pages;
}

/* Empty the log. Readers in the way are not waited for: whoever waits here holds up the posts. */
static int truncate_log(struct sqlite_store *sqlite)
{
    sqlite3_busy_timeout(sqlite->database, 0);
    int err =
        checkpointer_copy(&sqlite->checkpointer, sqlite->database, SQLITE_CHECKPOINT_TRUNCATE);
    sqlite3_busy_timeout(sqlite->database, BUSY_WAIT_MS);
    return err;
}

static int sqlite_tidy(struct store *store, bool *more)
{
    struct sqlite_store *sqlite = of(store);
    *more = sqlite->tidy_due;
    if (!sqlite->tidy_due)
        return 0;
    int before = free_pages(sqlite);
    int err = database_files_check(&sqlite->files);
    if (!err)
        err = migrate_failure(sqlite->database,
                              sqlite3_exec(sqlite->database,
                                           "PRAGMA incremental_vacuum(" TIDY_PAGES ")", NULL, NULL,
                                           NULL));
    if (err)
        return err;
    /* A file that was rewritten by another program may keep its free pages for ever. */
    int left = free_pages(sqlite);
    if (left > 0 && left < before)
        return 0;
    err = truncate_log(sqlite);
    *more = sqlite->tidy_due = err != 0;
    return err;
}

static uint64_t sqlite_bytes(struct store *store)
{
    return database_files_bytes(&of(store)->files);
}

/* Opening and closing */

static int note_log_pages(void *context, sqlite3 *database, const char *name, int pages)
{
    struct sqlite_store *sqlite = context;
    (void)database;
    (void)name;
    sqlite->log_pages = pages;
    return SQLITE_OK;
}

static void sqlite_close(struct store *store)
{
    struct sqlite_store *sqlite = of(store);
    checkpointer_stop(&sqlite->checkpointer);
    statements_free(&sqlite->statements);
    for (size_t i = 0; i < SQLITE_PARTS; i++)
        statements_free(&sqlite->parts[i]);
    /* SQLite removes the log by its name when it closes, be it that of another database by now. */
    if (sqlite->database && !database_files_are_ours(&sqlite->files))
        sqlite3_db_config(sqlite->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(sqlite->database);
    database_files_drop_log(&sqlite->files);
    database_files_close(&sqlite->files);
    free(sqlite);
}

static int sqlite_open_reader(struct store *store, struct store_reader **reader)
{
    return sqlite_reader_open(of(store)->files.path, reader);
}

static const struct store_methods methods = {
    .open_reader = sqlite_open_reader,
    .commit = sqlite_commit,
    .secret = sqlite_secret,
    .probe = sqlite_probe,
    .tidy = sqlite_tidy,
    .bytes = sqlite_bytes,
    .close = sqlite_close,
};

/* Whether a file with our number has our tables. Returns: 0, -EBADMSG,
 * and what the database gives. */
static int check_tables(sqlite3 *database)
{
    static const char *const queries[] = {
        "SELECT created, sequence, closed FROM bucket",
        "SELECT created, sequence, id, body, key_hash FROM t1",
        "SELECT created, sequence, kind, sender, addressee, body FROM record",
        "SELECT only, value FROM probe",
    };
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(database, queries[i], -1, &statement, NULL);
        sqlite3_finalize(statement);
        if (code != SQLITE_OK)
            return code == SQLITE_ERROR ? -EBADMSG : migrate_error(code);
    }
    return 0;
}

static int execute(sqlite3 *database, const char *sql)
{
    return migrate_failure(database, sqlite3_exec(database, sql, NULL, NULL, NULL));
}

/* Until the file is recognised nothing may be written to it, not even on closing. */
static int open_database(struct sqlite_store *sqlite, const char *path)
{
    int version = 0;
    int code =
        sqlite3_open_v2(path, &sqlite->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return migrate_failure(sqlite->database, code);
    sqlite3_busy_timeout(sqlite->database, BUSY_WAIT_MS);
    sqlite3_db_config(sqlite->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int err = migrate_inspect(sqlite->database, &plan, &version);
    if (!err && version > 0)
        err = check_tables(sqlite->database);
    if (!err && version == 0)
        err = execute(sqlite->database, sql_new_file);
    if (!err)
        err = execute(sqlite->database, sql_pragmas);
    if (!err)
        err = migrate_run(sqlite->database, &plan, version);
    if (!err)
        sqlite3_db_config(sqlite->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    /* Instead of SQLite's own copying of the log, which is a hook too. */
    sqlite3_wal_hook(sqlite->database, note_log_pages, sqlite);
    return err;
}

static int prepare(struct sqlite_store *sqlite)
{
    int err = statements_prepare(&sqlite->statements, sqlite->database, statement_text);
    for (size_t i = 0; i < SQLITE_PARTS && !err; i++)
        err = statements_prepare(&sqlite->parts[i], sqlite->database, sqlite_parts[i]->writing);
    return err;
}

int store_sqlite_open(struct store **store, const char *path)
{
    struct sqlite_store *sqlite = calloc(1, sizeof *sqlite);
    if (!sqlite)
        return -ENOMEM;
    sqlite->store.methods = &methods;
    sqlite->store.name = path;
    sqlite->tidy_due = true;
    int err = database_files_open(&sqlite->files, path);
    if (!err)
        err = open_database(sqlite, path);
    if (!err)
        err = prepare(sqlite);
    if (!err)
        err = checkpointer_start(&sqlite->checkpointer, path, &sqlite->files.watch);
    if (err) {
        sqlite_close(&sqlite->store);
        return err;
    }
    database_files_note(&sqlite->files);
    sqlite->store.name = sqlite->files.path;
    *store = &sqlite->store;
    return 0;
}
