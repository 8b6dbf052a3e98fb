#include "store/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/migrate.h"
#include "store/sql.h"

/* DESIGN: one connection, used by one thread at a time. The server's memory and the file must not
 * drift apart, so a lock on the file keeps a second server out; it is the kind that does not mix
 * with SQLite's own, and it goes with the process however that ends. Reading with other programs
 * stays possible. Statements are prepared once. */

enum { BUSY_WAIT_MS = 1000 };

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
    PROBE,
    LIST_BUCKETS,
    LIST_T1S,
    LIST_RECORDS,
    STATEMENTS,
};

static const char *const statement_text[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [OPEN_BUCKET] = "INSERT INTO bucket (created, sequence) VALUES (?1, ?2)",
    [CLOSE_BUCKET] = "UPDATE bucket SET closed = 1 WHERE created = ?1 AND sequence = ?2",
    [ADD_T1] = "INSERT INTO t1 (created, sequence, id, body, key_hash) VALUES (?1, ?2, ?3, ?4, ?5)",
    [ADD_RECORD] = "INSERT INTO record (created, sequence, kind, sender, addressee, body)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [DROP_RECORDS] = "DELETE FROM record WHERE created = ?1 AND sequence = ?2",
    [DROP_T1S] = "DELETE FROM t1 WHERE created = ?1 AND sequence = ?2",
    [DROP_BUCKET] = "DELETE FROM bucket WHERE created = ?1 AND sequence = ?2",
    [PROBE] = "UPDATE probe SET value = randomblob(16) WHERE only = 1",
    [LIST_BUCKETS] = "SELECT created, sequence, closed FROM bucket ORDER BY created, sequence",
    [LIST_T1S] = "SELECT id, body, key_hash FROM t1 WHERE created = ?1 AND sequence = ?2",
    [LIST_RECORDS] = "SELECT kind, sender, addressee, body FROM record"
                     " WHERE created = ?1 AND sequence = ?2",
};

static const struct migrate_plan plan = {
    .application_id = 1380275534, /* "REUN" */
    .version = 1,
    .schema = sql_schema_v1,
    .upgrades = NULL,
};

struct sqlite_store {
    struct store store;
    sqlite3 *database;
    int lock; /* descriptor of the file, locked */
    char *log_path;
    bool purge_due;
    sqlite3_stmt *statements[STATEMENTS];
};

static struct sqlite_store *of(struct store *store)
{
    return INDEX_OWNER(store, struct sqlite_store, store);
}

/* Run a statement that gives no rows; what was bound is forgotten. */
static int run(struct sqlite_store *sqlite, enum statement which)
{
    sqlite3_stmt *statement = sqlite->statements[which];
    (void)sqlite3_step(statement);
    int code = sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return migrate_error(code);
}

static sqlite3_stmt *bind_bucket(struct sqlite_store *sqlite, enum statement which,
                                 const struct bucket_id *id)
{
    sqlite3_stmt *statement = sqlite->statements[which];
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)id->created);
    sqlite3_bind_int64(statement, 2, id->sequence);
    return statement;
}

static void bind_blob(sqlite3_stmt *statement, int place, const uint8_t *bytes, int length)
{
    sqlite3_bind_blob(statement, place, bytes, length, SQLITE_STATIC);
}

/* Writing */

static int add_t1(struct sqlite_store *sqlite, const struct change *change)
{
    const struct t1_entry *t1 = INDEX_OWNER(change->entry, struct t1_entry, entry);
    sqlite3_stmt *statement = bind_bucket(sqlite, ADD_T1, &change->id);
    bind_blob(statement, 3, t1->id, ID_BYTES);
    bind_blob(statement, 4, t1->bytes, RECORD_T1_BYTES);
    if (t1->keyed)
        bind_blob(statement, 5, t1->key_hash, ID_BYTES);
    return run(sqlite, ADD_T1);
}

static int add_record(struct sqlite_store *sqlite, const struct change *change)
{
    const struct record_entry *record = INDEX_OWNER(change->entry, struct record_entry, entry);
    sqlite3_stmt *statement = bind_bucket(sqlite, ADD_RECORD, &change->id);
    sqlite3_bind_int(statement, 3, (int)record->entry.kind);
    bind_blob(statement, 4, record->bytes, ID_BYTES);
    bind_blob(statement, 5, record_addressee(record->bytes), ID_BYTES);
    bind_blob(statement, 6, record_body(record->bytes), RECORD_BODY_BYTES);
    return run(sqlite, ADD_RECORD);
}

static int run_on_bucket(struct sqlite_store *sqlite, enum statement which,
                         const struct bucket_id *id)
{
    bind_bucket(sqlite, which, id);
    return run(sqlite, which);
}

static int drop_bucket(struct sqlite_store *sqlite, const struct bucket_id *id)
{
    int err = run_on_bucket(sqlite, DROP_RECORDS, id);
    if (!err)
        err = run_on_bucket(sqlite, DROP_T1S, id);
    if (!err)
        err = run_on_bucket(sqlite, DROP_BUCKET, id);
    if (!err)
        sqlite->purge_due = true;
    return err;
}

static int apply(struct sqlite_store *sqlite, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_BUCKET_OPENED:
        return run_on_bucket(sqlite, OPEN_BUCKET, &change->id);
    case CHANGE_BUCKET_CLOSED:
        return run_on_bucket(sqlite, CLOSE_BUCKET, &change->id);
    case CHANGE_BUCKET_EXPIRED:
        return drop_bucket(sqlite, &change->id);
    case CHANGE_T1_ADDED:
        return add_t1(sqlite, change);
    case CHANGE_RECORD_ADDED:
        return add_record(sqlite, change);
    }
    return -EINVAL;
}

/* End the transaction that `err` says has gone well or not. */
static int end(struct sqlite_store *sqlite, int err)
{
    if (!err)
        err = run(sqlite, COMMIT);
    if (!sqlite3_get_autocommit(sqlite->database))
        (void)run(sqlite, ROLLBACK);
    return err;
}

/* Give freed pages back and leave nothing of them in the log. If it fails, for a reader in the way
 * or a full disk, the next commit tries again. */
static void purge(struct sqlite_store *sqlite)
{
    int code = sqlite3_exec(sqlite->database, "PRAGMA incremental_vacuum", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_wal_checkpoint_v2(sqlite->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
                                         NULL);
    sqlite->purge_due = code != SQLITE_OK;
}

static int sqlite_commit(struct store *store, const struct change *changes, size_t count)
{
    struct sqlite_store *sqlite = of(store);
    int err = run(sqlite, BEGIN);
    if (err)
        return err;
    for (size_t i = 0; i < count && !err; i++)
        err = apply(sqlite, &changes[i]);
    err = end(sqlite, err);
    if (!err && sqlite->purge_due)
        purge(sqlite);
    return err;
}

static int sqlite_probe(struct store *store)
{
    struct sqlite_store *sqlite = of(store);
    int err = run(sqlite, BEGIN);
    return err ? err : end(sqlite, run(sqlite, PROBE));
}

/* Loading. Rows are checked as anything from outside is: the file may have been edited. */

static const uint8_t *column(sqlite3_stmt *row, int place, int length)
{
    return sqlite3_column_type(row, place) == SQLITE_BLOB &&
                   sqlite3_column_bytes(row, place) == length
               ? sqlite3_column_blob(row, place)
               : NULL;
}

/* Call `visit` for each row; its result, or the database's, ends it. */
static int each_row(sqlite3_stmt *statement, int (*visit)(sqlite3_stmt *row, const void *visitor),
                    const void *visitor)
{
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

static int visit_bucket(sqlite3_stmt *row, const void *context)
{
    const struct store_bucket_visitor *visitor = context;
    sqlite3_int64 created = sqlite3_column_int64(row, 0);
    sqlite3_int64 sequence = sqlite3_column_int64(row, 1);
    if (created < 0 || sequence < 0 || sequence > UINT32_MAX)
        return -EBADMSG;
    struct bucket_id id = {(uint64_t)created, (uint32_t)sequence};
    return visitor->bucket(visitor->context, &id, sqlite3_column_int(row, 2) != 0);
}

static int visit_t1(sqlite3_stmt *row, const void *context)
{
    const struct store_entry_visitor *visitor = context;
    bool keyed = sqlite3_column_type(row, 2) != SQLITE_NULL;
    struct store_t1 t1 = {
        .id = column(row, 0, ID_BYTES),
        .bytes = column(row, 1, RECORD_T1_BYTES),
        .key_hash = keyed ? column(row, 2, ID_BYTES) : NULL,
    };
    if (!t1.id || !t1.bytes || (keyed && !t1.key_hash))
        return -EBADMSG;
    return visitor->t1(visitor->context, &t1);
}

static int visit_record(sqlite3_stmt *row, const void *context)
{
    const struct store_entry_visitor *visitor = context;
    int kind = sqlite3_column_int(row, 0);
    const uint8_t *sender = column(row, 1, ID_BYTES);
    const uint8_t *addressee = column(row, 2, ID_BYTES);
    const uint8_t *body = column(row, 3, RECORD_BODY_BYTES);
    if ((kind != RECORD_T2 && kind != RECORD_T3) || !sender || !addressee || !body)
        return -EBADMSG;
    uint8_t bytes[RECORD_ADDRESSED_BYTES];
    memcpy(bytes, sender, ID_BYTES);
    memcpy(bytes + ID_BYTES, addressee, ID_BYTES);
    memcpy(bytes + 2 * ID_BYTES, body, RECORD_BODY_BYTES);
    return visitor->record(visitor->context, &(struct store_record){(enum record_kind)kind, bytes});
}

static int sqlite_load_buckets(struct store *store, const struct store_bucket_visitor *visitor)
{
    return each_row(of(store)->statements[LIST_BUCKETS], visit_bucket, visitor);
}

static int sqlite_load_entries(struct store *store, const struct bucket_id *id,
                               const struct store_entry_visitor *visitor)
{
    int err = each_row(bind_bucket(of(store), LIST_T1S, id), visit_t1, visitor);
    if (!err)
        err = each_row(bind_bucket(of(store), LIST_RECORDS, id), visit_record, visitor);
    return err;
}

static uint64_t sqlite_bytes(struct store *store)
{
    struct sqlite_store *sqlite = of(store);
    struct stat file = {0}, log = {0};
    (void)fstat(sqlite->lock, &file);
    (void)stat(sqlite->log_path, &log); /* there is none after an orderly stop */
    return (uint64_t)file.st_size + (uint64_t)log.st_size;
}

/* Opening and closing */

static void sqlite_close(struct store *store)
{
    struct sqlite_store *sqlite = of(store);
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(sqlite->statements[i]);
    sqlite3_close(sqlite->database);
    /* Only now: closing any descriptor of the file drops SQLite's own locks on it. */
    if (sqlite->lock >= 0)
        close(sqlite->lock);
    free(sqlite->log_path);
    free(sqlite);
}

static const struct store_methods methods = {
    .load_buckets = sqlite_load_buckets,
    .load_entries = sqlite_load_entries,
    .commit = sqlite_commit,
    .probe = sqlite_probe,
    .bytes = sqlite_bytes,
    .close = sqlite_close,
};

static int lock_file(struct sqlite_store *sqlite, const char *path)
{
    sqlite->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (sqlite->lock < 0) {
        switch (errno) {
        case ENOENT:
        case ENOTDIR:
            return -ENOENT;
        case EACCES:
        case EPERM:
        case EROFS:
        case EISDIR:
            return -EACCES;
        case ENOSPC:
            return -ENOSPC;
        default:
            return -EIO;
        }
    }
    return flock(sqlite->lock, LOCK_EX | LOCK_NB) ? -EBUSY : 0;
}

/* Until the file is recognised nothing may be written to it, not even on closing. */
static int open_database(struct sqlite_store *sqlite, const char *path)
{
    int version = 0;
    int code =
        sqlite3_open_v2(path, &sqlite->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return migrate_error(code);
    sqlite3_busy_timeout(sqlite->database, BUSY_WAIT_MS);
    sqlite3_db_config(sqlite->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int err = migrate_inspect(sqlite->database, &plan, &version);
    if (!err && version == 0)
        err = migrate_error(sqlite3_exec(sqlite->database, sql_new_file, NULL, NULL, NULL));
    if (!err)
        err = migrate_error(sqlite3_exec(sqlite->database, sql_pragmas, NULL, NULL, NULL));
    if (!err)
        err = migrate_run(sqlite->database, &plan, version);
    if (!err)
        sqlite3_db_config(sqlite->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
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
            return migrate_error(code);
    }
    return 0;
}

int store_sqlite_open(struct store **store, const char *path)
{
    struct sqlite_store *sqlite = calloc(1, sizeof *sqlite);
    if (!sqlite)
        return -ENOMEM;
    sqlite->store.methods = &methods;
    sqlite->lock = -1;
    int err = asprintf(&sqlite->log_path, "%s-wal", path) < 0 ? -ENOMEM : 0;
    if (err)
        sqlite->log_path = NULL;
    else
        err = lock_file(sqlite, path);
    if (!err)
        err = open_database(sqlite, path);
    if (!err)
        err = prepare(sqlite);
    if (err) {
        sqlite_close(&sqlite->store);
        return err;
    }
    *store = &sqlite->store;
    return 0;
}
