#include "service_game.h"

#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/database.h"
#include "store/sqlite.h"

enum { NOON_S = 1732248000, WINDOW_S = 3600 };

static char path[64];
static int64_t now_s = NOON_S;

/* What the service is made of */

static int64_t wall_s(void *state)
{
    (void)state;
    return __atomic_load_n(&now_s, __ATOMIC_SEQ_CST);
}

static int64_t monotonic_ms(void *state)
{
    (void)state;
    return (wall_s(NULL) - NOON_S) * 1000;
}

static const struct clock_source game_clock = {wall_s, monotonic_ms, NULL};

struct service *game_open(const struct random_source *dice)
{
    static const struct service_settings settings = {
        .rules = {.capacity = BUCKET_CAPACITY,
                  .keyless_max = BUCKET_CAPACITY,
                  .open_window_s = WINDOW_S,
                  .lifetime_s = 4 * WINDOW_S,
                  .keyless_t3_max = 64,
                  .unaddressed_max = 64,
                  .records_per_sender_max = 64,
                  .buckets_max = 64,
                  .cache_bytes_max = SIZE_MAX},
        .link_buckets_max = 64,
        .waiters_max = 1,
        .feed_bytes_max = 1 << 20,
        .stored_bytes_max = UINT64_MAX,
    };
    struct store *store;
    struct service *service;
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, sizeof path, "%s/reunion-game-%d.db", place, (int)getpid());
    database_remove(path);
    assert_int_equal(store_sqlite_open(&store, path), 0);
    assert_int_equal(service_start(&service, &settings, store, &game_clock, dice), 0);
    return service;
}

void game_close(struct service *service)
{
    service_stop(service);
    service_free(service);
    database_remove(path);
}

void game_next_window(void)
{
    __atomic_add_fetch(&now_s, (int64_t)WINDOW_S, __ATOMIC_SEQ_CST);
}

/* Committing: the writer is held while posts come, and then commits them all at once. */

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore))
        ;
}

static sem_t held, go_on, done;

static void hold(struct post *post)
{
    (void)post;
    sem_post(&held);
    wait_for(&go_on);
}

static void post_done(struct post *post)
{
    (void)post;
    sem_post(&done);
}

void game_commit_together(struct service *service, struct post *posts, size_t count)
{
    struct post probe = {.kind = &post_probe, .done = hold};
    sem_init(&held, 0, 0);
    sem_init(&go_on, 0, 0);
    sem_init(&done, 0, 0);
    assert_int_equal(service_submit(service, &probe), 0);
    wait_for(&held);
    for (size_t i = 0; i < count; i++) {
        posts[i].done = post_done;
        assert_int_equal(service_submit(service, &posts[i]), 0);
    }
    sem_post(&go_on);
    for (size_t i = 0; i < count; i++)
        wait_for(&done);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(posts[i].outcome, POST_STORED);
}

struct blob game_rows(const char *sql, int64_t created_s, size_t bytes_max)
{
    struct blob blob = {malloc(bytes_max), 0};
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_non_null(blob.data);
    assert_int_equal(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_int64(statement, 1, created_s);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        size_t bytes = (size_t)sqlite3_column_bytes(statement, 0);
        assert_true(blob.bytes + bytes <= bytes_max);
        memcpy(blob.data + blob.bytes, sqlite3_column_blob(statement, 0), bytes);
        blob.bytes += bytes;
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return blob;
}

/* Arrivals */

void game_draw_order(size_t order[static ARRIVALS], bool opposite, struct seeded *seeded)
{
    seeded_order(seeded, order, ARRIVALS);
    for (size_t i = 0; opposite && i < ARRIVALS / 2; i++) {
        size_t kept = order[i];
        order[i] = order[ARRIVALS - 1 - i];
        order[ARRIVALS - 1 - i] = kept;
    }
}

void game_compare(double seen[static ARRIVAL_WIDTH], const double places[static ARRIVALS],
                  const size_t order[static ARRIVALS], bool opposite)
{
    size_t pair = 0;
    seen[ARRIVAL_PAIRS] = 0;
    for (size_t i = 0; i < ARRIVALS; i++)
        for (size_t j = i + 1; j < ARRIVALS; j++) {
            size_t one = order[opposite ? ARRIVALS - 1 - i : i];
            size_t other = order[opposite ? ARRIVALS - 1 - j : j];
            seen[pair] = places[one] < places[other] ? 1 : -1;
            seen[ARRIVAL_PAIRS] += seen[pair++];
        }
}

void game_find_places(double places[static ARRIVALS], const struct blob *answer,
                      const void *records, size_t record_bytes, size_t from, size_t length)
{
    for (size_t i = 0; i < ARRIVALS; i++) {
        const uint8_t *record = (const uint8_t *)records + i * record_bytes + from;
        const uint8_t *found = memmem(answer->data, answer->bytes, record, length);
        assert_non_null(found);
        places[i] = (double)(found - answer->data);
    }
}
