#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/log.h"
#include "compat/reference.h"
#include "fuzz/target.h"
#include "lib/service_clock.h"
#include "service/service.h"
#include "store/sqlite.h"

/* A database that somebody has edited, rows of any type and value in tables without constraints:
 * it is refused, or served like any other, posts and expiry included. An input that begins as
 * SQLite's files do is the file itself. */

enum {
    NOON_S = 1732248000,
    LIFETIME_S = 86400,
    BUCKETS_SEEN = 8,
    ROWS_MAX = 64,
    FEED_BYTES_MAX = 1000,
    CACHE_BYTES_MAX = 40000, /* a bucket or two: the others are read back */
};

static const char lax_schema[] =
    "CREATE TABLE bucket (created, sequence, place, closed, ends);"
    "CREATE TABLE t1 (created, sequence, place, id, body, key_hash, records, stamp_hour,"
    " stamp_nonce, stamp_effort);"
    "CREATE TABLE challenge (only, secret); INSERT INTO challenge VALUES (1, zeroblob(32));"
    "CREATE TABLE record (created, sequence, place, kind, sender, addressee, body);"
    "CREATE TABLE link_bucket (created, sequence, closed, seed, ends);"
    "CREATE TABLE link (created, sequence, place, body);"
    "CREATE TABLE mailbox (id, ends, next);"
    "CREATE TABLE mailbox_copy (mailbox, r, ends, number, rest);"
    "CREATE TABLE probe (only, value); INSERT INTO probe VALUES (1, x'00');"
    "PRAGMA application_id = 1380275534; PRAGMA user_version = 6;";

static const char file_magic[16] = "SQLite format 3";

static char path[64], log_path[72], index_path[72];

static int64_t now_s, now_ms;

static int64_t wall_s(void *state)
{
    (void)state;
    return __atomic_load_n(&now_s, __ATOMIC_SEQ_CST);
}

static int64_t monotonic_ms(void *state)
{
    (void)state;
    return __atomic_load_n(&now_ms, __ATOMIC_SEQ_CST);
}

/* The file */

static void remove_files(void)
{
    unlink(path);
    unlink(log_path);
    unlink(index_path);
}

static void name_files(void)
{
    if (*path)
        return;
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, sizeof path, "%s/reunion-rows-%d.db", folder, (int)getpid());
    snprintf(log_path, sizeof log_path, "%s-wal", path);
    snprintf(index_path, sizeof index_path, "%s-shm", path);
    atexit(remove_files);
}

static void write_file(const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wbe");
    INVARIANT(file);
    INVARIANT(fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static void bind_filled(sqlite3_stmt *row, int place, struct cursor *input, int length)
{
    uint8_t filled[COPY_BYTES];
    memset(filled, cursor_u8(input), sizeof filled);
    sqlite3_bind_blob(row, place, filled, length, SQLITE_TRANSIENT);
}

static void bind_bytes(sqlite3_stmt *row, int place, struct cursor *input)
{
    size_t length = cursor_u8(input);
    const uint8_t *bytes = cursor_take(input, length);
    if (bytes)
        sqlite3_bind_blob(row, place, bytes, (int)length, SQLITE_TRANSIENT);
}

/* One value: a letter for what it is, then what that needs. */
static void bind_value(sqlite3_stmt *row, int place, struct cursor *input)
{
    switch (cursor_u8(input)) {
    case 'i': /* a small number */
        sqlite3_bind_int(row, place, cursor_u8(input));
        break;
    case 'n': /* a time, in quarters of an hour from noon */
        sqlite3_bind_int64(row, place, NOON_S + 900 * (int8_t)cursor_u8(input));
        break;
    case 'I': /* any number */
        sqlite3_bind_int64(row, place, (sqlite3_int64)cursor_be64(input));
        break;
    case 'd': /* an id's length of bytes */
        bind_filled(row, place, input, ID_BYTES);
        break;
    case 't': /* a T1's length of bytes */
        bind_filled(row, place, input, RECORD_T1_BYTES);
        break;
    case 'k': /* a link's length of bytes */
        bind_filled(row, place, input, LINK_BLOB_BYTES);
        break;
    case 'h': /* a mailbox's id, or the beginning of a copy … */
        bind_filled(row, place, input, MAILBOX_ID_BYTES);
        break;
    case 'c': /* … and its rest */
        bind_filled(row, place, input, COPY_BYTES - COPY_R_BYTES);
        break;
    case 'b': /* any bytes */
        bind_bytes(row, place, input);
        break;
    case 's':
        sqlite3_bind_text(row, place, "0123456789abcdef0123456789abcdef", ID_BYTES, SQLITE_STATIC);
        break;
    case 'r':
        sqlite3_bind_double(row, place, 1e300 * cursor_u8(input));
        break;
    default:
        sqlite3_bind_null(row, place);
    }
}

static void add_row(sqlite3 *database, struct cursor *input)
{
    static const struct {
        char letter;
        int columns;
        const char *sql;
    } tables[] = {
        {'B', 3, "INSERT INTO bucket VALUES (?, ?, x'', ?, NULL)"},
        {'1', 6, "INSERT INTO t1 VALUES (?, ?, x'', ?, ?, ?, ?, NULL, NULL, NULL)"},
        {'2', 6, "INSERT INTO record VALUES (?, ?, x'', ?, ?, ?, ?)"},
        /* The same in any place. */
        {'C', 4, "INSERT INTO bucket VALUES (?, ?, ?, ?, NULL)"},
        {'3', 10, "INSERT INTO t1 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
        {'4', 7, "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)"},
        {'L', 4, "INSERT INTO link_bucket VALUES (?, ?, ?, ?, NULL)"},
        {'l', 4, "INSERT INTO link VALUES (?, ?, ?, ?)"},
        {'M', 3, "INSERT INTO mailbox VALUES (?, ?, ?)"},
        {'m', 5, "INSERT INTO mailbox_copy VALUES (?, ?, ?, ?, ?)"},
    };
    uint8_t letter = cursor_u8(input);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (tables[i].letter != letter)
            continue;
        sqlite3_stmt *row;
        INVARIANT(sqlite3_prepare_v2(database, tables[i].sql, -1, &row, NULL) == SQLITE_OK);
        for (int place = 1; place <= tables[i].columns; place++)
            bind_value(row, place, input);
        (void)sqlite3_step(row);
        sqlite3_finalize(row);
    }
}

static void write_rows(const uint8_t *data, size_t size)
{
    struct cursor input = cursor_over(data, size);
    sqlite3 *database;
    INVARIANT(sqlite3_open(path, &database) == SQLITE_OK);
    INVARIANT(sqlite3_exec(database, "PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL) ==
              SQLITE_OK);
    INVARIANT(sqlite3_exec(database, lax_schema, NULL, NULL, NULL) == SQLITE_OK);
    for (int rows = 0; input.left > 0 && rows < ROWS_MAX; rows++)
        add_row(database, &input);
    INVARIANT(sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(database);
}

/* The server on it */

static void read_bucket(struct service *service, const uint8_t bucket_hash[static ID_BYTES])
{
    struct bucket_facts facts;
    struct blob blob;
    struct feed_cursor cursor;
    bool more;
    uint8_t tag[ID_BYTES];
    if (service_t1s(service, bucket_hash, &blob, &facts, tag) == 0) {
        INVARIANT(blob.bytes == facts.count * (size_t)RECORD_T1_BYTES);
        INVARIANT(facts.count <= BUCKET_CAPACITY);
        blob_free(&blob);
    }
    for (enum record_kind kind = RECORD_T2; kind <= RECORD_T3; kind++)
        if (service_records(service, bucket_hash, kind, NULL, NULL, &blob, &cursor, &more) == 0) {
            INVARIANT(blob.bytes % RECORD_ADDRESSED_BYTES == 0);
            blob_free(&blob);
        }
    if (service_feed(service, bucket_hash, NULL, &blob, &cursor) == 0)
        blob_free(&blob);
}

/* Buckets of links are listed nowhere: these are those of all times that rows can name. */

enum { QUARTERS = UINT8_MAX + 1, SEQUENCES = 3 };

static uint8_t links[QUARTERS * SEQUENCES][ID_BYTES];

static void name_links(void)
{
    static bool named;
    for (int i = 0; !named && i < QUARTERS * SEQUENCES; i++) {
        int quarter = INT8_MIN + i / SEQUENCES;
        struct bucket_id id = {.created = (uint64_t)(NOON_S + 900 * quarter),
                               .sequence = (uint32_t)(i % SEQUENCES)};
        bucket_id_hash(links[i], &id, BUCKET_KIND_LINKS);
    }
    named = true;
}

static void read_links(struct service *service)
{
    struct bucket_facts facts;
    struct blob blob;
    uint8_t tag[ID_BYTES];
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        if (service_links(service, links[i], &blob, &facts, tag))
            continue;
        INVARIANT(blob.bytes == LINK_BUCKET_BYTES && facts.count == 0);
        blob_free(&blob);
    }
}

static void read_all(struct service *service, struct reference *reference)
{
    struct bucket_facts facts[BUCKETS_SEEN];
    struct blob blob;
    size_t count = 0;
    bool more;
    if (service_buckets(service, NULL, NULL, facts, BUCKETS_SEEN, &count, &more) == 0)
        for (size_t i = 0; i < count; i++)
            read_bucket(service, facts[i].bucket_hash);
    for (enum record_kind kind = RECORD_T1; kind <= RECORD_T3; kind++)
        if (reference_read(reference, kind, &blob) == 0)
            blob_free(&blob);
    read_links(service);
}

static void post_done(struct post *post)
{
    (void)post;
}

/* Its outcome is known once the step of the clock is through. */
static void post_a_t1(struct service *service)
{
    uint8_t t1[RECORD_T1_BYTES] = {1};
    struct post post = {
        .kind = &post_t1, .done = post_done, .t1 = {.bytes = t1, .id = {2}, .keyed = true}};
    if (service_submit(service, &post) == 0)
        service_clock_was_set(service);
}

static void post_a_link(struct service *service)
{
    uint8_t blob[LINK_BLOB_BYTES] = {3};
    struct post post = {.kind = &post_link, .done = post_done, .given = blob};
    if (service_submit(service, &post) == 0)
        service_clock_was_set(service);
}

static void pass_time(struct service *service, int64_t seconds)
{
    __atomic_add_fetch(&now_s, seconds, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&now_ms, seconds * 1000, __ATOMIC_SEQ_CST);
    service_clock_was_set(service);
}

static void serve(void)
{
    static const struct service_settings settings = {
        .rules = {.capacity = BUCKET_CAPACITY,
                  .keyless_max = BUCKET_CAPACITY,
                  .places_max = 4,
                  .open_window_s = 3600,
                  .lifetime_s = LIFETIME_S,
                  .keyless_t3_max = 64,
                  .unaddressed_max = 5,
                  .records_per_sender_max = 100,
                  .buckets_max = 100,
                  .cache_bytes_max = CACHE_BYTES_MAX},
        .link_buckets_max = 100,
        .waiters_max = 3,
        .feed_bytes_max = FEED_BYTES_MAX,
        .stored_bytes_max = UINT64_MAX,
        .mailboxes = {.mailboxes_max = 2,
                      .copies_max = 2,
                      .bytes_max = 1 << 20,
                      .life_s = LIFETIME_S,
                      .copy_life_s = LIFETIME_S},
    };
    static const struct clock_source clock = {wall_s, monotonic_ms, NULL};
    static const struct reference_settings reference_settings = {2, 1 << 20};
    struct store *store;
    struct service *service;
    struct reference *reference;
    __atomic_store_n(&now_s, (int64_t)NOON_S, __ATOMIC_SEQ_CST);
    if (store_sqlite_open(&store, path))
        return;
    if (service_start(&service, &settings, store, &clock, &random_system))
        return;
    INVARIANT(reference_open(&reference, service, &reference_settings, &random_system) == 0);
    read_all(service, reference);
    post_a_t1(service);
    post_a_link(service);
    pass_time(service, LIFETIME_S / 2);
    read_all(service, reference);
    pass_time(service, LIFETIME_S);
    read_all(service, reference);
    service_stop(service);
    reference_close(reference);
    service_free(service);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    log_set_level(LOG_ERROR);
    name_files();
    name_links();
    remove_files();
    if (size >= sizeof file_magic && memcmp(data, file_magic, sizeof file_magic) == 0)
        write_file(data, size);
    else
        write_rows(data, size);
    serve();
    return 0;
}
