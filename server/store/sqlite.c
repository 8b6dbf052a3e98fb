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

/* Of T1s; the place of the common one is no bytes. */
#define OF_BUCKET "created = ?1 AND sequence = ?2 AND place = ?3"

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    OPEN_BUCKET,
    CLOSE_BUCKET,
    ADD_T1,
    ADD_RECORD,
    DROP_RECORDS,
    DROP_T1S,
    DROP_BUCKET,
    COUNT_SENT,
    OPEN_LINKS,
    CLOSE_LINKS,
    ADD_LINK,
    RAISE_T1,
    GET_SECRET,
    DROP_LINKS,
    DROP_LINK_BUCKET,
    PROBE,
    STATEMENTS,
};

static const char *const statement_text[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [OPEN_BUCKET] = "INSERT INTO bucket (created, sequence, place) VALUES (?1, ?2, ?3)",
    [CLOSE_BUCKET] = "UPDATE bucket SET closed = 1, ends = ?4 WHERE " OF_BUCKET,
    [ADD_T1] = "INSERT INTO t1 (created, sequence, place, id, body, key_hash, records)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
    [RAISE_T1] = "UPDATE t1 SET stamp_hour = ?5, stamp_nonce = ?6, stamp_effort = ?7"
                 " WHERE " OF_BUCKET " AND id = ?4",
    [GET_SECRET] = "SELECT secret FROM challenge WHERE only = 1",
    [ADD_RECORD] = "INSERT INTO record (created, sequence, place, kind, sender, addressee, body)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [DROP_RECORDS] = "DELETE FROM record WHERE " OF_BUCKET,
    [DROP_T1S] = "DELETE FROM t1 WHERE " OF_BUCKET,
    [DROP_BUCKET] = "DELETE FROM bucket WHERE " OF_BUCKET,
    [COUNT_SENT] = "UPDATE t1 SET records = ?5 WHERE " OF_BUCKET " AND id = ?4",
    [OPEN_LINKS] = "INSERT INTO link_bucket (created, sequence, seed) VALUES (?1, ?2, ?3)",
    [CLOSE_LINKS] = "UPDATE link_bucket SET closed = 1, ends = ?3"
                    " WHERE created = ?1 AND sequence = ?2",
    [ADD_LINK] = "INSERT INTO link (created, sequence, place, body) VALUES (?1, ?2, ?3, ?4)",
    [DROP_LINKS] = "DELETE FROM link WHERE created = ?1 AND sequence = ?2",
    [DROP_LINK_BUCKET] = "DELETE FROM link_bucket WHERE created = ?1 AND sequence = ?2",
    [PROBE] = "UPDATE probe SET value = randomblob(16) WHERE only = 1",
};

static const struct migrate_plan plan = {
    .application_id = 1380275534, /* "REUN" */
    .oldest = 5,
    .version = 5,
    .schema = sql_schema_v5,
};

struct sqlite_store {
    struct store store;
    sqlite3 *database;
    struct database_files files;
    struct checkpointer checkpointer;
    int log_pages; /* after the last commit */
    bool tidy_due; /* something deleted may still be in the file or its log */
    sqlite3_stmt *statements[STATEMENTS];
};

static struct sqlite_store *of(struct store *store)
{
    return OWNER_OF(store, struct sqlite_store, store);
}

/* Run a statement that gives no rows; what was bound is forgotten. */
static int run(struct sqlite_store *sqlite, enum statement which)
{
    sqlite3_stmt *statement = sqlite->statements[which];
    (void)sqlite3_step(statement);
    int code = sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return migrate_failure(sqlite->database, code);
}

/* Begin a transaction, unless what is written would go to a file that nobody finds again. */
static int begin(struct sqlite_store *sqlite)
{
    int err = database_files_check(&sqlite->files);
    sqlite->store.blamed = sqlite->files.blamed;
    return err ? err : run(sqlite, BEGIN);
}

static void bind_blob(sqlite3_stmt *statement, int column, const uint8_t *bytes, int length)
{
    sqlite3_bind_blob(statement, column, bytes, length, SQLITE_STATIC);
}

/* A bucket of links has no place: its statements name two columns. */
static sqlite3_stmt *bind_links(struct sqlite_store *sqlite, enum statement which,
                                const struct bucket_id *id)
{
    sqlite3_stmt *statement = sqlite->statements[which];
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)id->created);
    sqlite3_bind_int64(statement, 2, id->sequence);
    return statement;
}

static sqlite3_stmt *bind_bucket(struct sqlite_store *sqlite, enum statement which,
                                 const struct bucket_id *id)
{
    sqlite3_stmt *statement = bind_links(sqlite, which, id);
    bind_blob(statement, 3, id->place, place_is_common(id->place) ? 0 : ID_BYTES);
    return statement;
}

/* Writing */

static int write_stamp(struct sqlite_store *sqlite, const struct change *change)
{
    const struct stamp *stamp = &change->t1.stamp;
    sqlite3_stmt *statement = bind_bucket(sqlite, RAISE_T1, &change->id);
    bind_blob(statement, 4, change->t1.id, ID_BYTES);
    sqlite3_bind_int64(statement, 5, (sqlite3_int64)stamp->hour);
    bind_blob(statement, 6, stamp->nonce, STAMP_NONCE_BYTES);
    sqlite3_bind_int64(statement, 7, stamp->effort);
    return run(sqlite, RAISE_T1);
}

static int add_t1(struct sqlite_store *sqlite, const struct change *change)
{
    const struct store_t1 *t1 = &change->t1;
    sqlite3_stmt *statement = bind_bucket(sqlite, ADD_T1, &change->id);
    bind_blob(statement, 4, t1->id, ID_BYTES);
    bind_blob(statement, 5, t1->bytes, RECORD_T1_BYTES);
    if (t1->key_hash)
        bind_blob(statement, 6, t1->key_hash, ID_BYTES);
    int err = run(sqlite, ADD_T1);
    return err || t1->stamp.effort == 0 ? err : write_stamp(sqlite, change);
}

static int add_record(struct sqlite_store *sqlite, const struct change *change)
{
    const uint8_t *bytes = change->record.bytes;
    sqlite3_stmt *statement = bind_bucket(sqlite, ADD_RECORD, &change->id);
    sqlite3_bind_int(statement, 4, (int)change->record.kind);
    bind_blob(statement, 5, bytes, ID_BYTES);
    bind_blob(statement, 6, bytes + ID_BYTES, ID_BYTES);
    bind_blob(statement, 7, bytes + 2 * ID_BYTES, RECORD_BODY_BYTES);
    return run(sqlite, ADD_RECORD);
}

static int count_sent(struct sqlite_store *sqlite, const struct change *change)
{
    sqlite3_stmt *statement = bind_bucket(sqlite, COUNT_SENT, &change->id);
    bind_blob(statement, 4, change->t1.id, ID_BYTES);
    sqlite3_bind_int64(statement, 5, change->t1.records);
    return run(sqlite, COUNT_SENT);
}

static int add_link(struct sqlite_store *sqlite, const struct change *change)
{
    sqlite3_stmt *statement = bind_links(sqlite, ADD_LINK, &change->id);
    sqlite3_bind_int64(statement, 3, change->link.slot);
    bind_blob(statement, 4, change->link.bytes, LINK_BLOB_BYTES);
    return run(sqlite, ADD_LINK);
}

static bool is_of_links(const struct change *change)
{
    return change->bucket_kind == BUCKET_KIND_LINKS;
}

static int run_on_bucket(struct sqlite_store *sqlite, enum statement which,
                         const struct change *change)
{
    (is_of_links(change) ? bind_links : bind_bucket)(sqlite, which, &change->id);
    return run(sqlite, which);
}

static int open_bucket(struct sqlite_store *sqlite, const struct change *change)
{
    if (!is_of_links(change))
        return run_on_bucket(sqlite, OPEN_BUCKET, change);
    bind_blob(bind_links(sqlite, OPEN_LINKS, &change->id), 3, change->seed, LINK_SEED_BYTES);
    return run(sqlite, OPEN_LINKS);
}

static int close_bucket(struct sqlite_store *sqlite, const struct change *change)
{
    bool links = is_of_links(change);
    enum statement which = links ? CLOSE_LINKS : CLOSE_BUCKET;
    sqlite3_stmt *statement = (links ? bind_links : bind_bucket)(sqlite, which, &change->id);
    if (change->ends_s != 0)
        sqlite3_bind_int64(statement, links ? 3 : 4, change->ends_s);
    return run(sqlite, which);
}

static int drop_bucket(struct sqlite_store *sqlite, const struct change *change)
{
    static const enum statement of_t1s[] = {DROP_RECORDS, DROP_T1S, DROP_BUCKET, STATEMENTS};
    static const enum statement of_links[] = {DROP_LINKS, DROP_LINK_BUCKET, STATEMENTS};
    const enum statement *next = is_of_links(change) ? of_links : of_t1s;
    int err = 0;
    for (; !err && *next != STATEMENTS; next++)
        err = run_on_bucket(sqlite, *next, change);
    if (!err)
        sqlite->tidy_due = true;
    return err;
}

static int apply(struct sqlite_store *sqlite, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_BUCKET_OPENED:
        return open_bucket(sqlite, change);
    case CHANGE_BUCKET_CLOSED:
        return close_bucket(sqlite, change);
    case CHANGE_BUCKET_EXPIRED:
        return drop_bucket(sqlite, change);
    case CHANGE_T1_ADDED:
        return add_t1(sqlite, change);
    case CHANGE_RECORD_ADDED:
        return add_record(sqlite, change);
    case CHANGE_SENT:
        return count_sent(sqlite, change);
    case CHANGE_LINK_ADDED:
        return add_link(sqlite, change);
    case CHANGE_T1_RAISED:
        return write_stamp(sqlite, change);
    case CHANGE_KINDS:
        break;
    }
    return -EINVAL;
}

/* End the transaction that `err` says has gone well or not. */
static int end(struct sqlite_store *sqlite, int err)
{
    if (!err)
        err = run(sqlite, COMMIT);
    if (!err)
        file_watch_note_commit(&sqlite->files.watch);
    if (!sqlite3_get_autocommit(sqlite->database))
        (void)run(sqlite, ROLLBACK);
    return err;
}

static int sqlite_commit(struct store *store, const struct change *changes, size_t count)
{
    struct sqlite_store *sqlite = of(store);
    int err = begin(sqlite);
    if (err)
        return err;
    for (size_t i = 0; i < count && !err; i++)
        err = apply(sqlite, &changes[i]);
    err = end(sqlite, err);
    if (!err && checkpointer_note(&sqlite->checkpointer, sqlite->log_pages))
        (void)checkpointer_copy(&sqlite->checkpointer, sqlite->database, SQLITE_CHECKPOINT_PASSIVE);
    return err;
}

static int sqlite_secret(struct store *store, uint8_t secret[static STAMP_SECRET_BYTES])
{
    sqlite3_stmt *statement = of(store)->statements[GET_SECRET];
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
    return err ? err : end(sqlite, run(sqlite, PROBE));
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
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(sqlite->statements[i]);
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
    for (int i = 0; i < STATEMENTS; i++) {
        int code = sqlite3_prepare_v3(sqlite->database, statement_text[i], -1,
                                      SQLITE_PREPARE_PERSISTENT, &sqlite->statements[i], NULL);
        if (code == SQLITE_ERROR)
            return -EBADMSG; /* our number, but not our tables */
        if (code != SQLITE_OK)
            return migrate_failure(sqlite->database, code);
    }
    return 0;
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
