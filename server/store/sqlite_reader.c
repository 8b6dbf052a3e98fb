#include "store/sqlite_reader.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner_of.h"
#include "store/migrate.h"
#include "store/sql.h"

/* DESIGN: a connection that can only read, with statements and a small page cache of its own. The
 * log lets it read while the writer writes, neither waiting for the other. Rows are checked as
 * anything from outside is: the file may have been edited. */

/* Far beyond any clock, and far enough from the end of the range that times can be added to it. */
static const sqlite3_int64 CREATED_S_MAX = INT64_MAX / 2;

enum statement {
    BEGIN,
    END,
    LIST_BUCKETS,
    LIST_T1_IDS,
    LIST_T1S,
    LIST_RECORDS,
    LIST_LINK_BUCKETS,
    GET_SEED,
    LIST_LINKS,
    STATEMENTS,
};

static const char *const statement_text[STATEMENTS] = {
    [BEGIN] = "BEGIN",
    [END] = "COMMIT",
    [LIST_BUCKETS] = "SELECT created, sequence, place, closed, ends FROM bucket"
                     " ORDER BY created, sequence, place",
    [LIST_T1_IDS] = "SELECT created, sequence, place, id, stamp_hour, stamp_nonce, stamp_effort"
                    " FROM t1 ORDER BY created, sequence, place",
    [LIST_T1S] = "SELECT id, body, key_hash, records, stamp_hour, stamp_nonce, stamp_effort FROM t1"
                 " WHERE created = ?1 AND sequence = ?2 AND place = ?3",
    [LIST_RECORDS] = "SELECT kind, sender, addressee, body FROM record"
                     " WHERE created = ?1 AND sequence = ?2 AND place = ?3",
    [LIST_LINK_BUCKETS] = "SELECT created, sequence, x'', closed, ends FROM link_bucket"
                          " ORDER BY created, sequence",
    [GET_SEED] = "SELECT seed FROM link_bucket WHERE created = ?1 AND sequence = ?2",
    [LIST_LINKS] = "SELECT place, body FROM link WHERE created = ?1 AND sequence = ?2",
};

struct sqlite_reader {
    struct store_reader reader;
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENTS];
};

static struct sqlite_reader *of(struct store_reader *reader)
{
    return OWNER_OF(reader, struct sqlite_reader, reader);
}

/* Rows */

/* The bytes of a column, or NULL unless it has just so many. */
static const uint8_t *column(sqlite3_stmt *row, int place, int length)
{
    return sqlite3_column_type(row, place) == SQLITE_BLOB &&
                   sqlite3_column_bytes(row, place) == length
               ? sqlite3_column_blob(row, place)
               : NULL;
}

/* A number that fits. Returns: 0, -EBADMSG. */
static int number(sqlite3_stmt *row, int place, uint32_t *value)
{
    sqlite3_int64 found = sqlite3_column_int64(row, place);
    if (found < 0 || found > UINT32_MAX)
        return -EBADMSG;
    *value = (uint32_t)found;
    return 0;
}

/* The stamp in three columns from `place` on; zeros where there is none. Returns: 0, -EBADMSG. */
static int stamp_of(sqlite3_stmt *row, int place, struct stamp *stamp)
{
    *stamp = (struct stamp){0};
    if (sqlite3_column_type(row, place + 2) == SQLITE_NULL)
        return 0;
    sqlite3_int64 hour = sqlite3_column_int64(row, place);
    const uint8_t *nonce = column(row, place + 1, STAMP_NONCE_BYTES);
    if (hour < 0 || !nonce || number(row, place + 2, &stamp->effort))
        return -EBADMSG;
    stamp->hour = (uint64_t)hour;
    memcpy(stamp->nonce, nonce, STAMP_NONCE_BYTES);
    return 0;
}

/* A place's tag, which of the common place is no bytes. Returns: 0, -EBADMSG. */
static int place_of(sqlite3_stmt *row, uint8_t tag[static ID_BYTES])
{
    const uint8_t *bytes = column(row, 2, ID_BYTES);
    bool is_empty = sqlite3_column_type(row, 2) == SQLITE_BLOB && sqlite3_column_bytes(row, 2) == 0;
    if (!is_empty && (!bytes || place_is_common(bytes)))
        return -EBADMSG;
    memset(tag, 0, ID_BYTES);
    if (!is_empty)
        memcpy(tag, bytes, ID_BYTES);
    return 0;
}

/* The columns of a row that say of which bucket it is: the first three. */
static int bucket_of(sqlite3_stmt *row, struct bucket_id *id)
{
    sqlite3_int64 created = sqlite3_column_int64(row, 0);
    if (created < 0 || created > CREATED_S_MAX || number(row, 1, &id->sequence) ||
        place_of(row, id->place))
        return -EBADMSG;
    id->created = (uint64_t)created;
    return 0;
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

static int visit_any_bucket(sqlite3_stmt *row, char kind, const void *context)
{
    const struct store_bucket_visitor *visitor = context;
    struct bucket_id id;
    if (bucket_of(row, &id))
        return -EBADMSG;
    sqlite3_int64 ends_s = sqlite3_column_int64(row, 4); /* 0 for NULL */
    if (ends_s < 0)
        return -EBADMSG;
    return visitor->bucket(visitor->context, kind, &id, sqlite3_column_int(row, 3) != 0, ends_s);
}

static int visit_bucket(sqlite3_stmt *row, const void *context)
{
    return visit_any_bucket(row, BUCKET_KIND_RENDEZVOUS, context);
}

static int visit_link_bucket(sqlite3_stmt *row, const void *context)
{
    return visit_any_bucket(row, BUCKET_KIND_LINKS, context);
}

static int visit_t1_id(sqlite3_stmt *row, const void *context)
{
    const struct store_id_visitor *visitor = context;
    struct bucket_id bucket;
    const uint8_t *id = column(row, 3, ID_BYTES);
    struct stamp stamp;
    if (bucket_of(row, &bucket) || !id || stamp_of(row, 4, &stamp))
        return -EBADMSG;
    return visitor->id(visitor->context, &bucket, id, &stamp);
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
    if (!t1.id || !t1.bytes || (keyed && !t1.key_hash) || number(row, 3, &t1.records) ||
        stamp_of(row, 4, &t1.stamp))
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

static int visit_seed(sqlite3_stmt *row, const void *context)
{
    const struct store_link_visitor *visitor = context;
    const uint8_t *seed = column(row, 0, LINK_SEED_BYTES);
    return seed ? visitor->seed(visitor->context, seed) : -EBADMSG;
}

static int visit_link(sqlite3_stmt *row, const void *context)
{
    const struct store_link_visitor *visitor = context;
    struct store_link link = {.bytes = column(row, 1, LINK_BLOB_BYTES)};
    if (number(row, 0, &link.slot) || !link.bytes)
        return -EBADMSG;
    return visitor->link(visitor->context, &link);
}

/* Loading */

static int load_buckets(struct store_reader *reader, const struct store_bucket_visitor *visitor)
{
    int err = each_row(of(reader)->statements[LIST_BUCKETS], visit_bucket, visitor);
    if (!err)
        err = each_row(of(reader)->statements[LIST_LINK_BUCKETS], visit_link_bucket, visitor);
    return err;
}

static int load_t1_ids(struct store_reader *reader, const struct store_id_visitor *visitor)
{
    return each_row(of(reader)->statements[LIST_T1_IDS], visit_t1_id, visitor);
}

static int run(struct sqlite_reader *sqlite, enum statement which)
{
    (void)sqlite3_step(sqlite->statements[which]);
    return migrate_error(sqlite3_reset(sqlite->statements[which]));
}

/* Statements about links name no place. */
static sqlite3_stmt *bind_bucket(struct sqlite_reader *sqlite, enum statement which,
                                 const struct bucket_id *id)
{
    sqlite3_stmt *statement = sqlite->statements[which];
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)id->created);
    sqlite3_bind_int64(statement, 2, id->sequence);
    if (which == LIST_T1S || which == LIST_RECORDS)
        sqlite3_bind_blob(statement, 3, id->place, place_is_common(id->place) ? 0 : ID_BYTES,
                          SQLITE_STATIC);
    return statement;
}

/* What visits the rows that a statement gives of a bucket. */
struct pass {
    enum statement which;
    int (*visit)(sqlite3_stmt *row, const void *visitor);
};

/* One pass after the other in one transaction, so that all is of one state. */
static int load_in_two(struct sqlite_reader *sqlite, const struct bucket_id *id,
                       const struct pass passes[static 2], const void *visitor)
{
    int err = run(sqlite, BEGIN);
    if (err)
        return err;
    for (size_t i = 0; !err && i < 2; i++)
        err = each_row(bind_bucket(sqlite, passes[i].which, id), passes[i].visit, visitor);
    int ended = run(sqlite, END);
    return err ? err : ended;
}

static int load_entries(struct store_reader *reader, const struct bucket_id *id,
                        const struct store_entry_visitor *visitor)
{
    static const struct pass passes[] = {{LIST_T1S, visit_t1}, {LIST_RECORDS, visit_record}};
    return load_in_two(of(reader), id, passes, visitor);
}

static int load_links(struct store_reader *reader, const struct bucket_id *id,
                      const struct store_link_visitor *visitor)
{
    static const struct pass passes[] = {{GET_SEED, visit_seed}, {LIST_LINKS, visit_link}};
    return load_in_two(of(reader), id, passes, visitor);
}

/* Opening and closing */

static void close_reader(struct store_reader *reader)
{
    struct sqlite_reader *sqlite = of(reader);
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(sqlite->statements[i]);
    sqlite3_close(sqlite->database);
    free(sqlite);
}

static const struct store_reader_methods methods = {
    .load_buckets = load_buckets,
    .load_t1_ids = load_t1_ids,
    .load_entries = load_entries,
    .load_links = load_links,
    .close = close_reader,
};

static int prepare(struct sqlite_reader *sqlite)
{
    for (int i = 0; i < STATEMENTS; i++) {
        int code = sqlite3_prepare_v3(sqlite->database, statement_text[i], -1,
                                      SQLITE_PREPARE_PERSISTENT, &sqlite->statements[i], NULL);
        if (code != SQLITE_OK)
            return code == SQLITE_ERROR ? -EBADMSG : migrate_error(code);
    }
    return 0;
}

int sqlite_reader_open(const char *path, struct store_reader **opened)
{
    enum { BUSY_WAIT_MS = 1000 };
    struct sqlite_reader *sqlite = calloc(1, sizeof *sqlite);
    if (!sqlite)
        return -ENOMEM;
    sqlite->reader.methods = &methods;
    int err = migrate_error(
        sqlite3_open_v2(path, &sqlite->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL));
    if (!err) {
        sqlite3_busy_timeout(sqlite->database, BUSY_WAIT_MS);
        err = migrate_error(sqlite3_exec(sqlite->database, sql_reader_pragmas, NULL, NULL, NULL));
    }
    if (!err)
        err = prepare(sqlite);
    if (err) {
        close_reader(&sqlite->reader);
        return err;
    }
    *opened = &sqlite->reader;
    return 0;
}
