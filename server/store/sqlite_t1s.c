#include "store/sqlite_part.h"

#include <string.h>

/* T1s and records. */

/* The place of the common one is no bytes. */
#define OF_BUCKET "created = ?1 AND sequence = ?2 AND place = ?3"

enum writing {
    OPEN_BUCKET,
    CLOSE_BUCKET,
    ADD_T1,
    ADD_RECORD,
    COUNT_SENT,
    RAISE_T1,
    DROP_RECORDS,
    DROP_T1S,
    DROP_BUCKET,
    WRITING,
};

static const char *const writing_text[WRITING + 1] = {
    [OPEN_BUCKET] = "INSERT INTO bucket (created, sequence, place) VALUES (?1, ?2, ?3)",
    [CLOSE_BUCKET] = "UPDATE bucket SET closed = 1, ends = ?4 WHERE " OF_BUCKET,
    [ADD_T1] = "INSERT INTO t1 (created, sequence, place, id, body, key_hash, records)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
    [ADD_RECORD] = "INSERT INTO record (created, sequence, place, kind, sender, addressee, body)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [COUNT_SENT] = "UPDATE t1 SET records = ?5 WHERE " OF_BUCKET " AND id = ?4",
    [RAISE_T1] = "UPDATE t1 SET stamp_hour = ?5, stamp_nonce = ?6, stamp_effort = ?7"
                 " WHERE " OF_BUCKET " AND id = ?4",
    [DROP_RECORDS] = "DELETE FROM record WHERE " OF_BUCKET,
    [DROP_T1S] = "DELETE FROM t1 WHERE " OF_BUCKET,
    [DROP_BUCKET] = "DELETE FROM bucket WHERE " OF_BUCKET,
};

enum reading { LIST_BUCKETS, LIST_T1_IDS, LIST_T1S, LIST_RECORDS, READING };

static const char *const reading_text[READING + 1] = {
    [LIST_BUCKETS] = "SELECT created, sequence, place, closed, ends FROM bucket"
                     " ORDER BY created, sequence, place",
    [LIST_T1_IDS] = "SELECT created, sequence, place, id, stamp_hour, stamp_nonce, stamp_effort"
                    " FROM t1 ORDER BY created, sequence, place",
    [LIST_T1S] = "SELECT id, body, key_hash, records, stamp_hour, stamp_nonce, stamp_effort FROM t1"
                 " WHERE " OF_BUCKET,
    [LIST_RECORDS] = "SELECT kind, sender, addressee, body FROM record WHERE " OF_BUCKET,
};

/* Writing */

static int run_on_bucket(struct statements *writing, enum writing which,
                         const struct change *change)
{
    (void)bind_bucket(writing, which, &change->id);
    return statements_run(writing, which);
}

static int close_bucket(struct statements *writing, const struct change *change)
{
    sqlite3_stmt *statement = bind_bucket(writing, CLOSE_BUCKET, &change->id);
    if (change->ends_s != 0)
        sqlite3_bind_int64(statement, 4, change->ends_s);
    return statements_run(writing, CLOSE_BUCKET);
}

static int drop_bucket(struct statements *writing, const struct change *change)
{
    int err = run_on_bucket(writing, DROP_RECORDS, change);
    if (!err)
        err = run_on_bucket(writing, DROP_T1S, change);
    return err ? err : run_on_bucket(writing, DROP_BUCKET, change);
}

static int write_stamp(struct statements *writing, const struct change *change)
{
    const struct stamp *stamp = &change->t1.stamp;
    sqlite3_stmt *statement = bind_bucket(writing, RAISE_T1, &change->id);
    bind_bytes(statement, 4, change->t1.id, ID_BYTES);
    sqlite3_bind_int64(statement, 5, (sqlite3_int64)stamp->hour);
    bind_bytes(statement, 6, stamp->nonce, STAMP_NONCE_BYTES);
    sqlite3_bind_int64(statement, 7, stamp->effort);
    return statements_run(writing, RAISE_T1);
}

static int add_t1(struct statements *writing, const struct change *change)
{
    const struct store_t1 *t1 = &change->t1;
    sqlite3_stmt *statement = bind_bucket(writing, ADD_T1, &change->id);
    bind_bytes(statement, 4, t1->id, ID_BYTES);
    bind_bytes(statement, 5, t1->bytes, RECORD_T1_BYTES);
    if (t1->key_hash)
        bind_bytes(statement, 6, t1->key_hash, ID_BYTES);
    int err = statements_run(writing, ADD_T1);
    return err || t1->stamp.effort == 0 ? err : write_stamp(writing, change);
}

static int add_record(struct statements *writing, const struct change *change)
{
    const uint8_t *bytes = change->record.bytes;
    sqlite3_stmt *statement = bind_bucket(writing, ADD_RECORD, &change->id);
    sqlite3_bind_int(statement, 4, (int)change->record.kind);
    bind_bytes(statement, 5, bytes, ID_BYTES);
    bind_bytes(statement, 6, bytes + ID_BYTES, ID_BYTES);
    bind_bytes(statement, 7, bytes + 2 * ID_BYTES, RECORD_BODY_BYTES);
    return statements_run(writing, ADD_RECORD);
}

static int count_sent(struct statements *writing, const struct change *change)
{
    sqlite3_stmt *statement = bind_bucket(writing, COUNT_SENT, &change->id);
    bind_bytes(statement, 4, change->t1.id, ID_BYTES);
    sqlite3_bind_int64(statement, 5, change->t1.records);
    return statements_run(writing, COUNT_SENT);
}

static int apply(struct statements *writing, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_BUCKET_OPENED:
        return run_on_bucket(writing, OPEN_BUCKET, change);
    case CHANGE_BUCKET_CLOSED:
        return close_bucket(writing, change);
    case CHANGE_BUCKET_EXPIRED:
        return drop_bucket(writing, change);
    case CHANGE_T1_ADDED:
        return add_t1(writing, change);
    case CHANGE_RECORD_ADDED:
        return add_record(writing, change);
    case CHANGE_SENT:
        return count_sent(writing, change);
    case CHANGE_T1_RAISED:
        return write_stamp(writing, change);
    default:
        return -EINVAL;
    }
}

/* Reading */

static int visit_bucket(sqlite3_stmt *row, const void *visitor)
{
    return sqlite_visit_bucket(row, BUCKET_KIND_RENDEZVOUS, visitor);
}

static int load_buckets(struct statements *reading, const struct store_bucket_visitor *visitor)
{
    return statements_each_row(reading, LIST_BUCKETS, visit_bucket, visitor);
}

/* The stamp in three columns from `place` on; zeros where there is none. Returns: 0, -EBADMSG. */
static int stamp_of(sqlite3_stmt *row, int place, struct stamp *stamp)
{
    *stamp = (struct stamp){0};
    if (sqlite3_column_type(row, place + 2) == SQLITE_NULL)
        return 0;
    sqlite3_int64 hour = sqlite3_column_int64(row, place);
    const uint8_t *nonce = row_bytes(row, place + 1, STAMP_NONCE_BYTES);
    if (hour < 0 || !nonce || row_number(row, place + 2, &stamp->effort))
        return -EBADMSG;
    stamp->hour = (uint64_t)hour;
    memcpy(stamp->nonce, nonce, STAMP_NONCE_BYTES);
    return 0;
}

static int visit_t1_id(sqlite3_stmt *row, const void *context)
{
    const struct store_id_visitor *visitor = context;
    struct bucket_id bucket;
    const uint8_t *id = row_bytes(row, 3, ID_BYTES);
    struct stamp stamp;
    if (row_bucket(row, &bucket) || !id || stamp_of(row, 4, &stamp))
        return -EBADMSG;
    return visitor->id(visitor->context, &bucket, id, &stamp);
}

static int visit_t1(sqlite3_stmt *row, const void *context)
{
    const struct store_entry_visitor *visitor = context;
    bool keyed = sqlite3_column_type(row, 2) != SQLITE_NULL;
    struct store_t1 t1 = {
        .id = row_bytes(row, 0, ID_BYTES),
        .bytes = row_bytes(row, 1, RECORD_T1_BYTES),
        .key_hash = keyed ? row_bytes(row, 2, ID_BYTES) : NULL,
    };
    if (!t1.id || !t1.bytes || (keyed && !t1.key_hash) || row_number(row, 3, &t1.records) ||
        stamp_of(row, 4, &t1.stamp))
        return -EBADMSG;
    return visitor->t1(visitor->context, &t1);
}

static int visit_record(sqlite3_stmt *row, const void *context)
{
    const struct store_entry_visitor *visitor = context;
    int kind = sqlite3_column_int(row, 0);
    const uint8_t *sender = row_bytes(row, 1, ID_BYTES);
    const uint8_t *addressee = row_bytes(row, 2, ID_BYTES);
    const uint8_t *body = row_bytes(row, 3, RECORD_BODY_BYTES);
    if ((kind != RECORD_T2 && kind != RECORD_T3) || !sender || !addressee || !body)
        return -EBADMSG;
    uint8_t bytes[RECORD_ADDRESSED_BYTES];
    memcpy(bytes, sender, ID_BYTES);
    memcpy(bytes + ID_BYTES, addressee, ID_BYTES);
    memcpy(bytes + 2 * ID_BYTES, body, RECORD_BODY_BYTES);
    return visitor->record(visitor->context, &(struct store_record){(enum record_kind)kind, bytes});
}

int sqlite_load_t1_ids(struct statements *reading, const struct store_id_visitor *visitor)
{
    return statements_each_row(reading, LIST_T1_IDS, visit_t1_id, visitor);
}

int sqlite_load_entries(struct statements *reading, const struct bucket_id *id,
                        const struct store_entry_visitor *visitor)
{
    (void)bind_bucket(reading, LIST_T1S, id);
    int err = statements_each_row(reading, LIST_T1S, visit_t1, visitor);
    if (err)
        return err;
    (void)bind_bucket(reading, LIST_RECORDS, id);
    return statements_each_row(reading, LIST_RECORDS, visit_record, visitor);
}

const struct sqlite_part sqlite_t1s = {
    .kind = BUCKET_KIND_RENDEZVOUS,
    .writing = writing_text,
    .reading = reading_text,
    .apply = apply,
    .load_buckets = load_buckets,
};
