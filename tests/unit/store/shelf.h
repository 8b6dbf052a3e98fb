/* Stores of each kind for tests, what to put into them, and a census of what they have. */
#ifndef REUNION_TESTS_UNIT_STORE_SHELF_H
#define REUNION_TESTS_UNIT_STORE_SHELF_H

#include "lib/test.h"
#include "store/store.h"

/* Set-ups after which `*state` is how to open a store: in memory, in the file at `path`, or in the
 * PostgreSQL database that is named in the environment, empty. */
enum { SHELF_PATH_BYTES = 32 };
extern char path[SHELF_PATH_BYTES];
int set_up_memory(void **state);
int set_up_sqlite(void **state);
int tear_down_sqlite(void **state);
int set_up_postgres(void **state);

struct store *opened(void **state);

/* Close and open again what outlives closing; else the same. */
struct store *reopened(void **state, struct store *store);

/* A test with a store of each kind. That with PostgreSQL is run where there is one, and then alone:
 * shelf_run. */
#define EVERY_KIND(name)                                                                           \
    {#name " (memory)", name, set_up_memory, NULL, NULL},                                          \
        {#name " (postgres)", name, set_up_postgres, NULL, NULL},                                  \
    {                                                                                              \
#name " (sqlite)", name, set_up_sqlite, tear_down_sqlite, NULL                             \
    }

/* Run an array of tests. */
#define shelf_run(tests) (shelf_choose(), cmocka_run_group_tests(tests, NULL, NULL))
void shelf_choose(void);

/* The connection string of the environment; NULL: there is none. */
const char *shelf_postgres_place(void);

/* Drop what is stored there. Returns: 0, or what postgres_run_script gives. */
int shelf_empty_postgres(const char *where);

/* What is put in, with bytes of its own. */

struct shelf_t1 {
    uint8_t id[ID_BYTES], bytes[RECORD_T1_BYTES], key_hash[ID_BYTES];
    bool keyed;
    uint32_t records;
    struct stamp stamp;
};

struct shelf_record {
    enum record_kind kind;
    uint8_t bytes[RECORD_ADDRESSED_BYTES];
};

struct shelf_link {
    uint32_t slot;
    uint8_t bytes[LINK_BLOB_BYTES];
};

/* A census of what is loaded. */

struct census {
    struct bucket_id buckets[8];
    char kinds[8];
    bool closed[8];
    int64_t ends_s[8];
    size_t bucket_count, t1s, keyless, t2s, t3s;
    struct shelf_t1 t1;         /* the last one */
    struct shelf_record record; /* the last one */
    size_t seeds, links;
    uint8_t seed[LINK_SEED_BYTES]; /* the last one */
    struct shelf_link link;        /* the last one */
    int refuse;                    /* what the next visit gives */
};

/* The visitors' functions; the context is a census. */
int see_t1(void *context, const struct store_t1 *t1);
int see_record(void *context, const struct store_record *record);

/* A reader of its own for one visit; what the visit gives. */
struct store_reader *reader_of(struct store *store);
int visit_buckets(struct store *store, struct census *census);
int visit_ids(struct store *store, struct census *census);
int visit_entries(struct store *store, const struct bucket_id *id, struct census *census);
int visit_links(struct store *store, const struct bucket_id *id, struct census *census);

extern const struct bucket_id old, young, youngest;

struct change opening(const struct bucket_id *id);
/* What points to its second argument. */
struct change adding_t1(const struct bucket_id *id, const struct shelf_t1 *t1);
struct change adding_record(const struct bucket_id *id, const struct shelf_record *record);

/* CHANGE_SENT and CHANGE_T1_RAISED, with what the T1 has now. */
struct change changing_t1(enum change_kind kind, const struct bucket_id *id,
                          const struct shelf_t1 *t1);

/* All of whose bytes follow from `fill`. */
struct shelf_t1 a_t1(uint8_t fill, bool keyed);
struct shelf_record a_record(enum record_kind kind, uint8_t fill);

#endif
