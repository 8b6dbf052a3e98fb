#include <string.h>

#include "store/postgres_part.h"

/* T1s and records. */

#define OF_BUCKET "bucket = $1 AND created = $2"
#define IS_THERE  "EXISTS (SELECT FROM bucket b WHERE b.bucket = $1 AND b.created = $2)"
#define TABLES    "'{bucket,t1,record}'"

enum writing {
    OPEN_WINDOW,
    DROP_WINDOW,
    CLEAR_T1S,
    CLEAR_RECORDS,
    OPEN_BUCKET,
    CLOSE_BUCKET,
    ADD_T1,
    ADD_RECORD,
    COUNT_SENT,
    RAISE_T1,
    DROP_BUCKET,
    WRITING,
};

static const char *const writing_text[WRITING + 1] = {
    [OPEN_WINDOW] = "SELECT open_window(" TABLES ", $1)",
    [DROP_WINDOW] = "SELECT drop_window(" TABLES ")",
    [CLEAR_T1S] = "DELETE FROM t1 WHERE " OF_BUCKET,
    [CLEAR_RECORDS] = "DELETE FROM record WHERE " OF_BUCKET,
    [OPEN_BUCKET] = "INSERT INTO bucket (bucket, created) VALUES ($1, $2)",
    [CLOSE_BUCKET] = "UPDATE bucket SET closed = true, ends = $3 WHERE " OF_BUCKET,
    [ADD_T1] = "INSERT INTO t1 (bucket, created, id, body, key_hash, stamp_hour, stamp_nonce,"
               " stamp_effort) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    [ADD_RECORD] = "INSERT INTO record (bucket, created, kind, sender, addressee, body)"
                   " VALUES ($1, $2, $3::bigint, $4, $5, $6)",
    [COUNT_SENT] = "UPDATE t1 SET records = $4 WHERE " OF_BUCKET " AND id = $3",
    [RAISE_T1] = "UPDATE t1 SET stamp_hour = $4, stamp_nonce = $5, stamp_effort = $6"
                 " WHERE " OF_BUCKET " AND id = $3",
    [DROP_BUCKET] = "DELETE FROM bucket WHERE " OF_BUCKET,
};

enum reading { LIST_BUCKETS, LIST_T1_IDS, LIST_T1S, LIST_RECORDS, READING };

static const char *const reading_text[READING + 1] = {
    [LIST_BUCKETS] = "SELECT bucket, closed, ends FROM bucket ORDER BY bucket",
    [LIST_T1_IDS] = "SELECT bucket, id, stamp_hour, stamp_nonce, stamp_effort"
                    " FROM t1 JOIN bucket USING (bucket, created) ORDER BY bucket",
    [LIST_T1S] = "SELECT id, body, key_hash, records, stamp_hour, stamp_nonce, stamp_effort FROM t1"
                 " WHERE " OF_BUCKET " AND " IS_THERE,
    [LIST_RECORDS] = "SELECT kind::bigint, sender, addressee, body FROM record"
                     " WHERE " OF_BUCKET " AND " IS_THERE,
};

static const struct postgres_statements reading_set = {"t1 read ", reading_text},
                                        writing_set = {"t1 write ", writing_text};

/* Writing */

static int send_of(struct postgres_session *session, enum writing which,
                   const struct change *change)
{
    return postgres_send_bucket(session, &writing_set, which, change);
}

/* What an expired bucket of the same id may have left goes first: a clock may have been set back.
 */
static int open_bucket(struct postgres_session *session, const struct change *change)
{
    struct postgres_values window = {0};
    values_number(&window, (int64_t)change->id.created);
    int err = postgres_send(session, &writing_set, OPEN_WINDOW, &window);
    if (!err)
        err = send_of(session, CLEAR_T1S, change);
    if (!err)
        err = send_of(session, CLEAR_RECORDS, change);
    return err ? err : send_of(session, OPEN_BUCKET, change);
}

static void give_stamp(struct postgres_values *values, const struct stamp *stamp)
{
    if (stamp->effort == 0) {
        for (int i = 0; i < 3; i++)
            values_nothing(values);
        return;
    }
    values_number(values, (int64_t)stamp->hour);
    values_bytes(values, stamp->nonce, STAMP_NONCE_BYTES);
    values_number(values, stamp->effort);
}

static int add_t1(struct postgres_session *session, const struct change *change)
{
    const struct store_t1 *t1 = &change->t1;
    struct postgres_values values;
    values_bucket(&values, &change->id);
    values_bytes(&values, t1->id, ID_BYTES);
    values_bytes(&values, t1->bytes, RECORD_T1_BYTES);
    values_bytes(&values, t1->key_hash, ID_BYTES);
    give_stamp(&values, &t1->stamp);
    return postgres_send(session, &writing_set, ADD_T1, &values);
}

static int add_record(struct postgres_session *session, const struct change *change)
{
    const uint8_t *bytes = change->record.bytes;
    struct postgres_values values;
    values_bucket(&values, &change->id);
    values_number(&values, change->record.kind);
    values_bytes(&values, bytes, ID_BYTES);
    values_bytes(&values, bytes + ID_BYTES, ID_BYTES);
    values_bytes(&values, bytes + 2 * ID_BYTES, RECORD_BODY_BYTES);
    return postgres_send(session, &writing_set, ADD_RECORD, &values);
}

/* The number in a T1's name, or what it paid. */
static int change_t1(struct postgres_session *session, enum writing which,
                     const struct change *change)
{
    struct postgres_values values;
    values_bucket(&values, &change->id);
    values_bytes(&values, change->t1.id, ID_BYTES);
    if (which == COUNT_SENT)
        values_number(&values, change->t1.records);
    else
        give_stamp(&values, &change->t1.stamp);
    return postgres_send(session, &writing_set, which, &values);
}

static int apply(struct postgres_session *session, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_BUCKET_OPENED:
        return open_bucket(session, change);
    case CHANGE_BUCKET_CLOSED:
        return postgres_close_bucket(session, &writing_set, CLOSE_BUCKET, change);
    case CHANGE_BUCKET_EXPIRED:
        return send_of(session, DROP_BUCKET, change);
    case CHANGE_T1_ADDED:
        return add_t1(session, change);
    case CHANGE_RECORD_ADDED:
        return add_record(session, change);
    case CHANGE_SENT:
        return change_t1(session, COUNT_SENT, change);
    case CHANGE_T1_RAISED:
        return change_t1(session, RAISE_T1, change);
    default:
        return -EINVAL;
    }
}

/* Reading */

static int visit_bucket(const PGresult *row, int at, const void *visitor)
{
    return postgres_visit_bucket(row, at, BUCKET_KIND_RENDEZVOUS, visitor);
}

static int load_buckets(struct postgres_session *session,
                        const struct store_bucket_visitor *visitor)
{
    return postgres_each_row(session, &reading_set, LIST_BUCKETS, NULL, visit_bucket, visitor);
}

/* The stamp in three columns from `first` on; zeros where there is none. Returns: 0, -EBADMSG. */
static int stamp_of(const PGresult *row, int at, int first, struct stamp *stamp)
{
    *stamp = (struct stamp){0};
    if (row_is_null(row, at, first + 2))
        return 0;
    int64_t hour;
    const uint8_t *nonce = row_value(row, at, first + 1, STAMP_NONCE_BYTES);
    if (row_integer(row, at, first, 0, INT64_MAX, &hour) || !nonce ||
        row_u32(row, at, first + 2, &stamp->effort))
        return -EBADMSG;
    stamp->hour = (uint64_t)hour;
    memcpy(stamp->nonce, nonce, STAMP_NONCE_BYTES);
    return 0;
}

static int visit_t1_id(const PGresult *row, int at, const void *context)
{
    const struct store_id_visitor *visitor = context;
    struct bucket_id bucket;
    struct stamp stamp;
    const uint8_t *id = row_value(row, at, 1, ID_BYTES);
    if (row_bucket_id(row, at, 0, &bucket) || !id || stamp_of(row, at, 2, &stamp))
        return -EBADMSG;
    return visitor->id(visitor->context, &bucket, id, &stamp);
}

static int visit_t1(const PGresult *row, int at, const void *context)
{
    const struct store_entry_visitor *visitor = context;
    bool keyed = !row_is_null(row, at, 2);
    struct store_t1 t1 = {
        .id = row_value(row, at, 0, ID_BYTES),
        .bytes = row_value(row, at, 1, RECORD_T1_BYTES),
        .key_hash = row_value(row, at, 2, ID_BYTES),
    };
    if (!t1.id || !t1.bytes || (keyed && !t1.key_hash) || row_u32(row, at, 3, &t1.records) ||
        stamp_of(row, at, 4, &t1.stamp))
        return -EBADMSG;
    return visitor->t1(visitor->context, &t1);
}

static int visit_record(const PGresult *row, int at, const void *context)
{
    const struct store_entry_visitor *visitor = context;
    int64_t kind;
    const uint8_t *sender = row_value(row, at, 1, ID_BYTES);
    const uint8_t *addressee = row_value(row, at, 2, ID_BYTES);
    const uint8_t *body = row_value(row, at, 3, RECORD_BODY_BYTES);
    if (row_integer(row, at, 0, RECORD_T2, RECORD_T3, &kind) || !sender || !addressee || !body)
        return -EBADMSG;
    uint8_t bytes[RECORD_ADDRESSED_BYTES];
    memcpy(bytes, sender, ID_BYTES);
    memcpy(bytes + ID_BYTES, addressee, ID_BYTES);
    memcpy(bytes + 2 * ID_BYTES, body, RECORD_BODY_BYTES);
    return visitor->record(visitor->context, &(struct store_record){(enum record_kind)kind, bytes});
}

int postgres_load_t1_ids(struct postgres_session *session, const struct store_id_visitor *visitor)
{
    return postgres_each_row(session, &reading_set, LIST_T1_IDS, NULL, visit_t1_id, visitor);
}

int postgres_load_entries(struct postgres_session *session, const struct bucket_id *id,
                          const struct store_entry_visitor *visitor)
{
    struct postgres_values values;
    values_bucket(&values, id);
    int err = postgres_each_row(session, &reading_set, LIST_T1S, &values, visit_t1, visitor);
    return err ? err
               : postgres_each_row(session, &reading_set, LIST_RECORDS, &values, visit_record,
                                   visitor);
}

const struct postgres_part postgres_t1s = {
    .kind = BUCKET_KIND_RENDEZVOUS,
    .writing = {"t1 write ", writing_text},
    .reading = {"t1 read ", reading_text},
    .apply = apply,
    .load_buckets = load_buckets,
    .drop_window = DROP_WINDOW,
};
