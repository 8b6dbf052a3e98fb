#include "shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/database.h"
#include "store/memory.h"
#include "store/postgres.h"
#include "store/sqlite.h"

struct kind {
    int (*open)(struct store **store);
    bool reopens; /* its content outlives closing */
};

static const char pattern[] = "/tmp/reunion-store-XXXXXX";
char path[SHELF_PATH_BYTES];

_Static_assert(sizeof pattern <= SHELF_PATH_BYTES, "room for the path");

static int open_sqlite(struct store **store)
{
    return store_sqlite_open(store, path);
}

static int open_postgres(struct store **store)
{
    char said[256];
    int err = store_postgres_open(store, shelf_postgres_place(), said, sizeof said);
    if (err)
        print_message("%s\n", said);
    return err;
}

void shelf_choose(void)
{
    if (shelf_postgres_place())
        cmocka_set_test_filter("*(postgres)");
    else
        cmocka_set_skip_filter("*(postgres)");
}

static const struct kind memory = {store_memory_open, false};
static const struct kind sqlite = {open_sqlite, true};
static const struct kind postgres = {open_postgres, true};

int set_up_postgres(void **state)
{
    *state = (void *)(uintptr_t)&postgres;
    return shelf_empty_postgres(shelf_postgres_place());
}

int set_up_sqlite(void **state)
{
    memcpy(path, pattern, sizeof pattern);
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    *state = (void *)(uintptr_t)&sqlite;
    return 0;
}

int set_up_memory(void **state)
{
    *state = (void *)(uintptr_t)&memory;
    return 0;
}

int tear_down_sqlite(void **state)
{
    (void)state;
    database_remove(path);
    return 0;
}

struct store *opened(void **state)
{
    const struct kind *kind = *state;
    struct store *store;
    assert_int_equal(kind->open(&store), 0);
    return store;
}

struct store *reopened(void **state, struct store *store)
{
    const struct kind *kind = *state;
    if (!kind->reopens)
        return store;
    store_close(store);
    return opened(state);
}

/* Visiting */

static int see_bucket(void *context, char kind, const struct bucket_id *id, bool closed,
                      int64_t ends_s)
{
    struct census *census = context;
    census->kinds[census->bucket_count] = kind;
    census->ends_s[census->bucket_count] = ends_s;
    census->buckets[census->bucket_count] = *id;
    census->closed[census->bucket_count++] = closed;
    return census->refuse;
}

int see_t1(void *context, const struct store_t1 *t1)
{
    struct census *census = context;
    census->t1s++;
    census->keyless += t1->key_hash ? 0 : 1;
    census->t1.records = t1->records;
    census->t1.stamp = t1->stamp;
    memcpy(census->t1.id, t1->id, ID_BYTES);
    memcpy(census->t1.bytes, t1->bytes, RECORD_T1_BYTES);
    if (t1->key_hash)
        memcpy(census->t1.key_hash, t1->key_hash, ID_BYTES);
    return census->refuse;
}

int see_record(void *context, const struct store_record *record)
{
    struct census *census = context;
    ++*(record->kind == RECORD_T2 ? &census->t2s : &census->t3s);
    memcpy(census->record.bytes, record->bytes, RECORD_ADDRESSED_BYTES);
    return census->refuse;
}

static int see_seed(void *context, const uint8_t seed[static LINK_SEED_BYTES])
{
    struct census *census = context;
    census->seeds++;
    memcpy(census->seed, seed, LINK_SEED_BYTES);
    return census->refuse;
}

static int see_link(void *context, const struct store_link *link)
{
    struct census *census = context;
    census->links++;
    census->link.slot = link->slot;
    memcpy(census->link.bytes, link->bytes, LINK_BLOB_BYTES);
    return census->refuse;
}

struct store_reader *reader_of(struct store *store)
{
    struct store_reader *reader;
    assert_int_equal(store_open_reader(store, &reader), 0);
    return reader;
}

int visit_buckets(struct store *store, struct census *census)
{
    struct store_reader *reader = reader_of(store);
    int err = store_load_buckets(reader, &(struct store_bucket_visitor){see_bucket, census});
    store_close_reader(reader);
    return err;
}

int visit_entries(struct store *store, const struct bucket_id *id, struct census *census)
{
    struct store_reader *reader = reader_of(store);
    int err =
        store_load_entries(reader, id, &(struct store_entry_visitor){see_t1, see_record, census});
    store_close_reader(reader);
    return err;
}

static int see_id(void *context, const struct bucket_id *bucket, const uint8_t id[static ID_BYTES],
                  const struct stamp *stamp)
{
    struct census *census = context;
    census->buckets[census->t1s++] = *bucket;
    memcpy(census->t1.id, id, ID_BYTES);
    census->t1.stamp = *stamp;
    return census->refuse;
}

int visit_ids(struct store *store, struct census *census)
{
    struct store_reader *reader = reader_of(store);
    int err = store_load_t1_ids(reader, &(struct store_id_visitor){see_id, census});
    store_close_reader(reader);
    return err;
}

int visit_links(struct store *store, const struct bucket_id *id, struct census *census)
{
    struct store_reader *reader = reader_of(store);
    int err =
        store_load_links(reader, id, &(struct store_link_visitor){see_seed, see_link, census});
    store_close_reader(reader);
    return err;
}

/* Changes */

const struct bucket_id old = {1000, 0, {0}}, young = {1000, 1, {0}}, youngest = {2000, 0, {0}};

struct change opening(const struct bucket_id *id)
{
    return (struct change){
        .kind = CHANGE_BUCKET_OPENED, .bucket_kind = BUCKET_KIND_RENDEZVOUS, .id = *id};
}

struct change changing_t1(enum change_kind kind, const struct bucket_id *id,
                          const struct shelf_t1 *t1)
{
    return (struct change){.kind = kind,
                           .bucket_kind = BUCKET_KIND_RENDEZVOUS,
                           .id = *id,
                           .t1 = {.id = t1->id,
                                  .bytes = t1->bytes,
                                  .key_hash = t1->keyed ? t1->key_hash : NULL,
                                  .records = t1->records,
                                  .stamp = t1->stamp}};
}

struct change adding_t1(const struct bucket_id *id, const struct shelf_t1 *t1)
{
    return changing_t1(CHANGE_T1_ADDED, id, t1);
}

struct change adding_record(const struct bucket_id *id, const struct shelf_record *record)
{
    return (struct change){.kind = CHANGE_RECORD_ADDED,
                           .bucket_kind = BUCKET_KIND_RENDEZVOUS,
                           .id = *id,
                           .record = {record->kind, record->bytes}};
}

struct shelf_t1 a_t1(uint8_t fill, bool keyed)
{
    struct shelf_t1 t1 = {.keyed = keyed};
    memset(t1.id, fill, sizeof t1.id);
    memset(t1.bytes, fill + 1, sizeof t1.bytes);
    memset(t1.key_hash, fill + 2, sizeof t1.key_hash);
    return t1;
}

struct shelf_record a_record(enum record_kind kind, uint8_t fill)
{
    struct shelf_record record = {.kind = kind};
    for (size_t i = 0; i < RECORD_ADDRESSED_BYTES; i++)
        record.bytes[i] = (uint8_t)(fill + i / 32);
    return record;
}
