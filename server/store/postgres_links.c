#include "store/postgres_part.h"

/* Private links. */

#define OF_BUCKET "bucket = $1 AND created = $2"
#define TABLES    "'{link_bucket,link}'"

enum writing {
    OPEN_WINDOW,
    DROP_WINDOW,
    CLEAR_LINKS,
    OPEN_BUCKET,
    CLOSE_BUCKET,
    ADD_LINK,
    DROP_BUCKET,
    WRITING,
};

static const char *const writing_text[WRITING + 1] = {
    [OPEN_WINDOW] = "SELECT open_window(" TABLES ", $1)",
    [DROP_WINDOW] = "SELECT drop_window(" TABLES ")",
    [CLEAR_LINKS] = "DELETE FROM link WHERE " OF_BUCKET,
    [OPEN_BUCKET] = "INSERT INTO link_bucket (bucket, created, seed) VALUES ($1, $2, $3)",
    [CLOSE_BUCKET] = "UPDATE link_bucket SET closed = true, ends = $3 WHERE " OF_BUCKET,
    [ADD_LINK] = "INSERT INTO link (bucket, created, slot, body) VALUES ($1, $2, $3::bigint, $4)",
    [DROP_BUCKET] = "DELETE FROM link_bucket WHERE " OF_BUCKET,
};

enum reading { LIST_BUCKETS, GET_SEED, LIST_LINKS, READING };

static const char *const reading_text[READING + 1] = {
    [LIST_BUCKETS] = "SELECT bucket, closed, ends FROM link_bucket ORDER BY bucket",
    [GET_SEED] = "SELECT seed FROM link_bucket WHERE " OF_BUCKET,
    [LIST_LINKS] = "SELECT slot::bigint, body FROM link WHERE " OF_BUCKET
                   " AND EXISTS (SELECT FROM link_bucket b WHERE b.bucket = $1 AND b.created = $2)",
};

static const struct postgres_statements reading_set = {"link read ", reading_text},
                                        writing_set = {"link write ", writing_text};

/* Writing */

static int open_bucket(struct postgres_session *session, const struct change *change)
{
    struct postgres_values window = {0}, values;
    values_number(&window, (int64_t)change->id.created);
    int err = postgres_send(session, &writing_set, OPEN_WINDOW, &window);
    if (!err)
        err = postgres_send_bucket(session, &writing_set, CLEAR_LINKS, change);
    values_bucket(&values, &change->id);
    values_bytes(&values, change->seed, LINK_SEED_BYTES);
    return err ? err : postgres_send(session, &writing_set, OPEN_BUCKET, &values);
}

static int add_link(struct postgres_session *session, const struct change *change)
{
    struct postgres_values values;
    values_bucket(&values, &change->id);
    values_number(&values, change->link.slot);
    values_bytes(&values, change->link.bytes, LINK_BLOB_BYTES);
    return postgres_send(session, &writing_set, ADD_LINK, &values);
}

static int apply(struct postgres_session *session, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_BUCKET_OPENED:
        return open_bucket(session, change);
    case CHANGE_BUCKET_CLOSED:
        return postgres_close_bucket(session, &writing_set, CLOSE_BUCKET, change);
    case CHANGE_BUCKET_EXPIRED:
        return postgres_send_bucket(session, &writing_set, DROP_BUCKET, change);
    case CHANGE_LINK_ADDED:
        return add_link(session, change);
    default:
        return -EINVAL;
    }
}

/* Reading */

static int visit_bucket(const PGresult *row, int at, const void *visitor)
{
    return postgres_visit_bucket(row, at, BUCKET_KIND_LINKS, visitor);
}

static int load_buckets(struct postgres_session *session,
                        const struct store_bucket_visitor *visitor)
{
    return postgres_each_row(session, &reading_set, LIST_BUCKETS, NULL, visit_bucket, visitor);
}

static int visit_seed(const PGresult *row, int at, const void *context)
{
    const struct store_link_visitor *visitor = context;
    const uint8_t *seed = row_value(row, at, 0, LINK_SEED_BYTES);
    return seed ? visitor->seed(visitor->context, seed) : -EBADMSG;
}

static int visit_link(const PGresult *row, int at, const void *context)
{
    const struct store_link_visitor *visitor = context;
    struct store_link link = {.bytes = row_value(row, at, 1, LINK_BLOB_BYTES)};
    if (row_u32(row, at, 0, &link.slot) || !link.bytes)
        return -EBADMSG;
    return visitor->link(visitor->context, &link);
}

int postgres_load_links(struct postgres_session *session, const struct bucket_id *id,
                        const struct store_link_visitor *visitor)
{
    struct postgres_values values;
    values_bucket(&values, id);
    int err = postgres_each_row(session, &reading_set, GET_SEED, &values, visit_seed, visitor);
    return err ? err
               : postgres_each_row(session, &reading_set, LIST_LINKS, &values, visit_link, visitor);
}

const struct postgres_part postgres_links = {
    .kind = BUCKET_KIND_LINKS,
    .writing = {"link write ", writing_text},
    .reading = {"link read ", reading_text},
    .apply = apply,
    .load_buckets = load_buckets,
    .drop_window = DROP_WINDOW,
};
