#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guess.h"
#include "lib/test.h"
#include "service/service.h"
#include "store/sqlite.h"

/* The game: in each run T1s, T2s and T3s arrive for one commit in an order that a guesser knows, or
 * in the opposite one: a coin decides. From the order in which an answer or the database has them
 * the guesser must not learn which. In the control game the server's dice always show the same, so
 * that nothing is shuffled, and the guessers must win where it is shuffling that hides. */

static const double ALARM = 1e-6;
static const char SEED[] = "0x6f726465724f6e65";

enum {
    RUNS = 2000,
    CONTROL_RUNS = 100,
    ARRIVALS = 8,
    NOON_S = 1732250000,
    WINDOW_S = 60,
};

enum list {
    T1_LIST,
    T1_FEED,
    T1_REFERENCE,
    T1_ROWS,
    T2_LIST,
    T2_LIST_TO,
    T2_FEED,
    T2_REFERENCE,
    T2_ROWS,
    T3_LIST,
    T3_FEED,
    T3_ROWS,
    LISTS
};

static const char *const names[LISTS] = {"T1 list", "T1 feed",    "T1 ref.", "T1 rows",
                                         "T2 list", "T2 list to", "T2 feed", "T2 ref.",
                                         "T2 rows", "T3 list",    "T3 feed", "T3 rows"};

static struct service *service;
static char path[64];
static int64_t now_s = NOON_S;
static bool dice_stuck;

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

/* The greatest draw, which shuffling asks for in 64 bits, leaves each where it is. */
static void throw_dice(void *state, uint8_t *out, size_t bytes)
{
    struct random_source seeded = seeded_source(state);
    if (dice_stuck && bytes % sizeof(uint64_t) == 0)
        memset(out, 0xff, bytes);
    else
        random_fill(&seeded, out, bytes);
}

static const struct clock_source game_clock = {wall_s, monotonic_ms, NULL};
static struct seeded dice_seed;
static const struct random_source dice = {throw_dice, &dice_seed};

static void remove_files(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char name[sizeof path + 8];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

static void open_service(void)
{
    static const struct service_settings settings = {
        .rules = {.capacity = BUCKET_CAPACITY,
                  .open_window_s = WINDOW_S,
                  .lifetime_s = 4 * WINDOW_S,
                  .keyless_t3_max = 64,
                  .unaddressed_max = 64,
                  .records_per_sender_max = 64,
                  .buckets_max = 64,
                  .cache_bytes_max = SIZE_MAX},
        .reference_buckets = 1,
        .waiters_max = 1,
        .feed_bytes_max = 1 << 20,
        .stored_bytes_max = UINT64_MAX,
    };
    struct store *store;
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, sizeof path, "%s/reunion-order-%d.db", place, (int)getpid());
    remove_files();
    assert_int_equal(store_sqlite_open(&store, path), 0);
    assert_int_equal(service_start(&service, &settings, store, &game_clock, &dice), 0);
}

static void close_service(void)
{
    service_stop(service);
    service_free(service);
    remove_files();
}

/* Arrivals: the writer is held while they come, and then commits them all at once. */

static sem_t held, go_on, done;

static void hold(struct post *post)
{
    (void)post;
    sem_post(&held);
    while (sem_wait(&go_on))
        ;
}

static void post_done(struct post *post)
{
    (void)post;
    sem_post(&done);
}

static void commit_together(struct post *posts)
{
    struct post probe = {.kind = POST_PROBE, .done = hold};
    assert_int_equal(service_submit(service, &probe), 0);
    while (sem_wait(&held))
        ;
    for (size_t i = 0; i < ARRIVALS; i++) {
        posts[i].done = post_done;
        assert_int_equal(service_submit(service, &posts[i]), 0);
    }
    sem_post(&go_on);
    for (size_t i = 0; i < ARRIVALS; i++)
        while (sem_wait(&done))
            ;
    for (size_t i = 0; i < ARRIVALS; i++)
        assert_int_equal(posts[i].outcome, POST_STORED);
}

/* One run: everybody's T1, then a T2 and a T3 of everybody to one more that stands already. */
struct crowd {
    uint8_t t1[ARRIVALS][RECORD_T1_BYTES], id[ARRIVALS][ID_BYTES], key_hash[ID_BYTES];
    uint8_t t2[ARRIVALS][RECORD_ADDRESSED_BYTES], t3[ARRIVALS][RECORD_ADDRESSED_BYTES];
    uint8_t host_id[ID_BYTES], link[ID_BYTES];
    int64_t created_s;
};

static void post_t1s(struct crowd *crowd, const size_t *order)
{
    struct post posts[ARRIVALS];
    for (size_t i = 0; i < ARRIVALS; i++) {
        posts[i] =
            (struct post){.kind = POST_T1, .t1 = {.bytes = crowd->t1[order[i]], .keyed = true}};
        memcpy(posts[i].t1.id, crowd->id[order[i]], ID_BYTES);
        memcpy(posts[i].t1.key_hash, crowd->key_hash, ID_BYTES);
    }
    commit_together(posts);
    memcpy(crowd->link, posts[0].bucket.link, ID_BYTES);
    crowd->created_s = (int64_t)posts[0].bucket.id.created;
}

static void post_records(struct crowd *crowd, enum record_kind kind,
                         uint8_t records[ARRIVALS][RECORD_ADDRESSED_BYTES], const size_t *order)
{
    struct post posts[ARRIVALS];
    for (size_t i = 0; i < ARRIVALS; i++)
        posts[i] = (struct post){.kind = POST_RECORDS,
                                 .link = crowd->link,
                                 .key_hash = crowd->key_hash,
                                 .record_kind = kind,
                                 .records = records[order[i]],
                                 .record_count = 1};
    commit_together(posts);
}

/* The T1 to which all write comes alone, so that it has no part in the order. */
static void post_host(struct crowd *crowd, struct seeded *seeded)
{
    const struct random_source random = seeded_source(seeded);
    uint8_t t1[RECORD_T1_BYTES];
    struct post post = {.kind = POST_T1, .done = post_done, .t1 = {.bytes = t1, .keyed = true}};
    random_fill(&random, t1, sizeof t1);
    post_t1_id(crowd->host_id, t1);
    memcpy(post.t1.id, crowd->host_id, ID_BYTES);
    assert_int_equal(service_submit(service, &post), 0);
    while (sem_wait(&done))
        ;
    assert_int_equal(post.outcome, POST_STORED);
}

static void make_crowd(struct crowd *crowd, struct seeded *seeded)
{
    const struct random_source random = seeded_source(seeded);
    random_fill(&random, (uint8_t *)crowd, sizeof *crowd);
    post_host(crowd, seeded);
    for (size_t i = 0; i < ARRIVALS; i++) {
        post_t1_id(crowd->id[i], crowd->t1[i]);
        memcpy(crowd->t2[i], crowd->id[i], ID_BYTES);
        memcpy(crowd->t2[i] + ID_BYTES, crowd->host_id, ID_BYTES);
        memcpy(crowd->t3[i], crowd->t2[i], (size_t)2 * ID_BYTES);
    }
}

/* Places: where in an answer each one's record stands. */

static void find_places(double *places, const uint8_t *answer, size_t bytes, const void *records,
                        size_t record_bytes, size_t from, size_t length)
{
    for (size_t i = 0; i < ARRIVALS; i++) {
        const uint8_t *record = (const uint8_t *)records + i * record_bytes + from;
        const uint8_t *found = memmem(answer, bytes, record, length);
        assert_non_null(found);
        places[i] = (double)(found - answer);
    }
}

/* T1s by all their bytes, T2s and T3s by their bodies. */
static void find_t1s(double *places, const struct blob *answer, const struct crowd *crowd)
{
    find_places(places, answer->data, answer->bytes, crowd->t1, RECORD_T1_BYTES, 0,
                RECORD_T1_BYTES);
}

static void find_records(double *places, const struct blob *answer,
                         uint8_t records[ARRIVALS][RECORD_ADDRESSED_BYTES])
{
    find_places(places, answer->data, answer->bytes, records, RECORD_ADDRESSED_BYTES, 2 * ID_BYTES,
                RECORD_BODY_BYTES);
}

/* The database's rows as it gives them when nobody asks for an order. */
static struct blob rows(const char *sql, const struct crowd *crowd)
{
    struct blob blob = {malloc((ARRIVALS + 1) * (size_t)RECORD_T1_BYTES), 0};
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_non_null(blob.data);
    assert_int_equal(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_int64(statement, 1, crowd->created_s);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        size_t bytes = (size_t)sqlite3_column_bytes(statement, 0);
        memcpy(blob.data + blob.bytes, sqlite3_column_blob(statement, 0), bytes);
        blob.bytes += bytes;
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return blob;
}

static void look_at_t1s(double *places[LISTS], struct crowd *crowd, struct feed_cursor *cursor)
{
    struct blob blob;
    struct bucket_facts facts;
    uint8_t tag[ID_BYTES];
    assert_int_equal(service_t1s(service, crowd->link, &blob, &facts, tag), 0);
    find_t1s(places[T1_LIST], &blob, crowd);
    blob_free(&blob);
    assert_int_equal(service_feed(service, crowd->link, NULL, &blob, cursor), 0);
    find_t1s(places[T1_FEED], &blob, crowd);
    blob_free(&blob);
    assert_int_equal(service_reference(service, RECORD_T1, &blob), 0);
    find_t1s(places[T1_REFERENCE], &blob, crowd);
    blob_free(&blob);
    blob = rows("SELECT body FROM t1 WHERE created = ?1", crowd);
    find_t1s(places[T1_ROWS], &blob, crowd);
    blob_free(&blob);
}

static void look_at_list(double *places, struct crowd *crowd, enum record_kind kind,
                         const uint8_t *to)
{
    struct blob blob;
    assert_int_equal(service_records(service, crowd->link, kind, to, &blob), 0);
    find_records(places, &blob, kind == RECORD_T2 ? crowd->t2 : crowd->t3);
    blob_free(&blob);
}

static void look_at_records(double *places[LISTS], struct crowd *crowd, enum record_kind kind,
                            struct feed_cursor *cursor)
{
    bool t2 = kind == RECORD_T2;
    struct blob blob;
    struct feed_cursor next;
    look_at_list(places[t2 ? T2_LIST : T3_LIST], crowd, kind, NULL);
    if (t2)
        look_at_list(places[T2_LIST_TO], crowd, kind, crowd->host_id);
    assert_int_equal(service_feed(service, crowd->link, cursor, &blob, &next), 0);
    find_records(places[t2 ? T2_FEED : T3_FEED], &blob, t2 ? crowd->t2 : crowd->t3);
    blob_free(&blob);
    *cursor = next;
    blob = rows(t2 ? "SELECT body FROM record WHERE created = ?1 AND kind = 2"
                   : "SELECT body FROM record WHERE created = ?1 AND kind = 3",
                crowd);
    find_records(places[t2 ? T2_ROWS : T3_ROWS], &blob, t2 ? crowd->t2 : crowd->t3);
    blob_free(&blob);
    if (!t2)
        return;
    assert_int_equal(service_reference(service, RECORD_T2, &blob), 0);
    find_records(places[T2_REFERENCE], &blob, crowd->t2);
    blob_free(&blob);
}

static void draw_order(size_t *order, bool opposite, struct seeded *seeded)
{
    for (size_t i = 0; i < ARRIVALS; i++)
        order[i] = i;
    for (size_t left = ARRIVALS; left > 1; left--) {
        size_t drawn = seeded_below(seeded, left), kept = order[drawn];
        order[drawn] = order[left - 1];
        order[left - 1] = kept;
    }
    for (size_t i = 0; opposite && i < ARRIVALS / 2; i++) {
        size_t kept = order[i];
        order[i] = order[ARRIVALS - 1 - i];
        order[ARRIVALS - 1 - i] = kept;
    }
}

/* What a guesser sees: of each pair in the order it knows, which comes first in the answer. */
enum { PAIRS = ARRIVALS * (ARRIVALS - 1) / 2, WIDTH = PAIRS + 1 };

static void compare(double *seen, const double *places, const size_t *order, bool opposite)
{
    size_t pair = 0;
    for (size_t i = 0; i < ARRIVALS; i++)
        for (size_t j = i + 1; j < ARRIVALS; j++) {
            size_t one = order[opposite ? ARRIVALS - 1 - i : i];
            size_t other = order[opposite ? ARRIVALS - 1 - j : j];
            seen[pair] = places[one] < places[other] ? 1 : -1;
            seen[PAIRS] += seen[pair++];
        }
}

static void play(struct observations *seen, size_t run, bool opposite, struct seeded *seeded)
{
    static struct crowd crowd;
    double storage[LISTS][ARRIVALS], *places[LISTS];
    size_t order[ARRIVALS];
    struct feed_cursor cursor;
    for (size_t i = 0; i < LISTS; i++)
        places[i] = storage[i];
    __atomic_add_fetch(&now_s, (int64_t)WINDOW_S, __ATOMIC_SEQ_CST);
    draw_order(order, opposite, seeded);
    make_crowd(&crowd, seeded);
    post_t1s(&crowd, order);
    look_at_t1s(places, &crowd, &cursor);
    post_records(&crowd, RECORD_T2, crowd.t2, order);
    look_at_records(places, &crowd, RECORD_T2, &cursor);
    post_records(&crowd, RECORD_T3, crowd.t3, order);
    look_at_records(places, &crowd, RECORD_T3, &cursor);
    for (size_t i = 0; i < LISTS; i++)
        compare(seen[i].values + run * WIDTH, places[i], order, opposite);
}

/* Play, and tell for each list whether the order shows. */
static void game(size_t runs, bool told[static LISTS])
{
    static struct observations seen[LISTS];
    struct seeded seeded = seeded_open();
    bool *bits = calloc(runs, sizeof *bits);
    assert_non_null(bits);
    for (size_t i = 0; i < LISTS; i++) {
        seen[i] = (struct observations){names[i], runs, WIDTH, calloc(runs * WIDTH, sizeof(double)),
                                        bits};
        assert_non_null(seen[i].values);
    }
    open_service();
    for (size_t r = 0; r < runs; r++) {
        bits[r] = seeded_next(&seeded) & 1;
        play(seen, r, bits[r], &seeded);
    }
    close_service();
    for (size_t i = 0; i < LISTS; i++) {
        told[i] = guess_all(&seen[i], ALARM / LISTS);
        free(seen[i].values);
    }
    free(bits);
}

static void no_answer_tells_what_came_first(void **state)
{
    bool told[LISTS];
    (void)state;
    dice_stuck = false;
    game(RUNS, told);
    for (size_t i = 0; i < LISTS; i++)
        assert_false(told[i]);
}

static void feeds_that_are_not_shuffled_are_noticed(void **state)
{
    bool told[LISTS];
    (void)state;
    dice_stuck = true;
    game(CONTROL_RUNS, told);
    for (size_t i = 0; i < LISTS; i++)
        assert_int_equal(told[i], i == T1_FEED || i == T2_FEED || i == T3_FEED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feeds_that_are_not_shuffled_are_noticed),
        cmocka_unit_test(no_answer_tells_what_came_first),
    };
    setenv("REUNION_TEST_SEED", SEED, 0);
    sem_init(&held, 0, 0);
    sem_init(&go_on, 0, 0);
    sem_init(&done, 0, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
