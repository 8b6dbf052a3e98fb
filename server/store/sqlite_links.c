#include "store/sqlite_part.h"

/* Private links. A bucket of them has no place: its statements name two columns of it. */

#define OF_BUCKET "created = ?1 AND sequence = ?2"

enum writing {
    OPEN_BUCKET,
    CLOSE_BUCKET,
    ADD_LINK,
    DROP_LINKS,
    DROP_BUCKET,
    WRITING,
};

static const char *const writing_text[WRITING + 1] = {
    [OPEN_BUCKET] = "INSERT INTO link_bucket (created, sequence, seed) VALUES (?1, ?2, ?3)",
    [CLOSE_BUCKET] = "UPDATE link_bucket SET closed = 1, ends = ?3 WHERE " OF_BUCKET,
    [ADD_LINK] = "INSERT INTO link (created, sequence, place, body) VALUES (?1, ?2, ?3, ?4)",
    [DROP_LINKS] = "DELETE FROM link WHERE " OF_BUCKET,
    [DROP_BUCKET] = "DELETE FROM link_bucket WHERE " OF_BUCKET,
};

enum reading { LIST_BUCKETS, GET_SEED, LIST_LINKS, READING };

static const char *const reading_text[READING + 1] = {
    [LIST_BUCKETS] =
        "SELECT created, sequence, x'', closed, ends FROM link_bucket ORDER BY created, sequence",
    [GET_SEED] = "SELECT seed FROM link_bucket WHERE " OF_BUCKET,
    [LIST_LINKS] = "SELECT place, body FROM link WHERE " OF_BUCKET,
};

/* Writing */

static int open_bucket(struct statements *writing, const struct change *change)
{
    bind_bytes(bind_window(writing, OPEN_BUCKET, &change->id), 3, change->seed, LINK_SEED_BYTES);
    return statements_run(writing, OPEN_BUCKET);
}

static int close_bucket(struct statements *writing, const struct change *change)
{
    sqlite3_stmt *statement = bind_window(writing, CLOSE_BUCKET, &change->id);
    if (change->ends_s != 0)
        sqlite3_bind_int64(statement, 3, change->ends_s);
    return statements_run(writing, CLOSE_BUCKET);
}

static int drop_bucket(struct statements *writing, const struct change *change)
{
    (void)bind_window(writing, DROP_LINKS, &change->id);
    int err = statements_run(writing, DROP_LINKS);
    if (err)
        return err;
    (void)bind_window(writing, DROP_BUCKET, &change->id);
    return statements_run(writing, DROP_BUCKET);
}

static int add_link(struct statements *writing, const struct change *change)
{
    sqlite3_stmt *statement = bind_window(writing, ADD_LINK, &change->id);
    sqlite3_bind_int64(statement, 3, change->link.slot);
    bind_bytes(statement, 4, change->link.bytes, LINK_BLOB_BYTES);
    return statements_run(writing, ADD_LINK);
}

static int apply(struct statements *writing, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_BUCKET_OPENED:
        return open_bucket(writing, change);
    case CHANGE_BUCKET_CLOSED:
        return close_bucket(writing, change);
    case CHANGE_BUCKET_EXPIRED:
        return drop_bucket(writing, change);
    case CHANGE_LINK_ADDED:
        return add_link(writing, change);
    default:
        return -EINVAL;
    }
}

/* Reading */

static int visit_bucket(sqlite3_stmt *row, const void *visitor)
{
    return sqlite_visit_bucket(row, BUCKET_KIND_LINKS, visitor);
}

static int load_buckets(struct statements *reading, const struct store_bucket_visitor *visitor)
{
    return statements_each_row(reading, LIST_BUCKETS, visit_bucket, visitor);
}

static int visit_seed(sqlite3_stmt *row, const void *context)
{
    const struct store_link_visitor *visitor = context;
    const uint8_t *seed = row_bytes(row, 0, LINK_SEED_BYTES);
    return seed ? visitor->seed(visitor->context, seed) : -EBADMSG;
}

static int visit_link(sqlite3_stmt *row, const void *context)
{
    const struct store_link_visitor *visitor = context;
    struct store_link link = {.bytes = row_bytes(row, 1, LINK_BLOB_BYTES)};
    if (row_number(row, 0, &link.slot) || !link.bytes)
        return -EBADMSG;
    return visitor->link(visitor->context, &link);
}

int sqlite_load_links(struct statements *reading, const struct bucket_id *id,
                      const struct store_link_visitor *visitor)
{
    (void)bind_window(reading, GET_SEED, id);
    int err = statements_each_row(reading, GET_SEED, visit_seed, visitor);
    if (err)
        return err;
    (void)bind_window(reading, LIST_LINKS, id);
    return statements_each_row(reading, LIST_LINKS, visit_link, visitor);
}

const struct sqlite_part sqlite_links = {
    .kind = BUCKET_KIND_LINKS,
    .writing = writing_text,
    .reading = reading_text,
    .apply = apply,
    .load_buckets = load_buckets,
};
