#include <stdlib.h>
#include <string.h>

#include "compat/reference.h"
#include "guess.h"
#include "service_game.h"

/* The game: in each run T1s, T2s and T3s arrive for one commit in an order that a guesser knows, or
 * in the opposite one: a coin decides. From the order in which an answer or the database has them
 * the guesser must not learn which. A newcomer reads the feed after each has come in a commit of
 * its own. In the control game what stands for an entry's keyed hash is its turn, and the guessers
 * must win where it is that hash that hides. */

static const double ALARM = 1e-6;
static const char SEED[] = "0x6f726465724f6e65";

enum {
    RUNS = 2000,
    CONTROL_RUNS = 100,
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
    NEW_T1_FEED,
    NEW_T2_FEED,
    NEW_T3_FEED,
    NEW_T2_LIST,
    LISTS
};

static const char *const names[LISTS] = {
    "T1 list",     "T1 feed",     "T1 ref.",     "T1 rows",           "T2 list", "T2 list to",
    "T2 feed",     "T2 ref.",     "T2 rows",     "T3 list",           "T3 feed", "T3 rows",
    "T1 newcomer", "T2 newcomer", "T3 newcomer", "T2 newcomer's list"};

static struct service *service;
static struct reference *reference;
static bool leaks;

uint64_t __real_entry_order(const struct entry *entry, const uint8_t key[static INDEX_KEY_BYTES]);
uint64_t __wrap_entry_order(const struct entry *entry, const uint8_t key[static INDEX_KEY_BYTES]);

uint64_t __wrap_entry_order(const struct entry *entry, const uint8_t key[static INDEX_KEY_BYTES])
{
    static uint64_t turn;
    return leaks ? ++turn : __real_entry_order(entry, key);
}

/* One run: everybody's T1, then a T2 and a T3 of everybody to one more that stands already. */
struct crowd {
    uint8_t t1[ARRIVALS][RECORD_T1_BYTES], id[ARRIVALS][ID_BYTES], key_hash[ID_BYTES];
    uint8_t t2[ARRIVALS][RECORD_ADDRESSED_BYTES], t3[ARRIVALS][RECORD_ADDRESSED_BYTES];
    uint8_t host_id[ID_BYTES], bucket_hash[ID_BYTES];
    int64_t created_s;
};

static void commit(struct post *posts, size_t count, bool apart)
{
    for (size_t i = 0; apart && i < count; i++)
        game_commit_together(service, &posts[i], 1);
    if (!apart)
        game_commit_together(service, posts, count);
}

static void post_t1s(struct crowd *crowd, const size_t *order, bool apart)
{
    struct post posts[ARRIVALS];
    for (size_t i = 0; i < ARRIVALS; i++) {
        posts[i] =
            (struct post){.kind = &post_t1, .t1 = {.bytes = crowd->t1[order[i]], .keyed = true}};
        memcpy(posts[i].t1.id, crowd->id[order[i]], ID_BYTES);
        memcpy(posts[i].t1.key_hash, crowd->key_hash, ID_BYTES);
    }
    commit(posts, ARRIVALS, apart);
    memcpy(crowd->bucket_hash, posts[0].bucket.bucket_hash, ID_BYTES);
    crowd->created_s = (int64_t)posts[0].bucket.id.created;
}

static void post_to_all(struct crowd *crowd, enum record_kind kind,
                        uint8_t records[ARRIVALS][RECORD_ADDRESSED_BYTES], const size_t *order,
                        bool apart)
{
    struct post posts[ARRIVALS];
    for (size_t i = 0; i < ARRIVALS; i++)
        posts[i] = (struct post){.kind = &post_records,
                                 .bucket_hash = crowd->bucket_hash,
                                 .key_hash = crowd->key_hash,
                                 .record_kind = kind,
                                 .records = records[order[i]],
                                 .record_count = 1};
    commit(posts, ARRIVALS, apart);
}

/* The T1 to which all write comes alone, so that it has no part in the order. */
static void post_host(struct crowd *crowd, struct seeded *seeded)
{
    const struct random_source random = seeded_source(seeded);
    uint8_t t1[RECORD_T1_BYTES];
    struct post post = {.kind = &post_t1, .t1 = {.bytes = t1, .keyed = true}};
    random_fill(&random, t1, sizeof t1);
    post_t1_id(crowd->host_id, t1);
    memcpy(post.t1.id, crowd->host_id, ID_BYTES);
    game_commit_together(service, &post, 1);
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

/* T1s by all their bytes, T2s and T3s by their bodies. */
static void find_t1s(double *places, const struct blob *answer, const struct crowd *crowd)
{
    game_find_places(places, answer, crowd->t1, RECORD_T1_BYTES, 0, RECORD_T1_BYTES);
}

static void find_records(double *places, const struct blob *answer,
                         uint8_t records[ARRIVALS][RECORD_ADDRESSED_BYTES])
{
    game_find_places(places, answer, records, RECORD_ADDRESSED_BYTES, 2 * ID_BYTES,
                     RECORD_BODY_BYTES);
}

static struct blob rows(const char *sql, const struct crowd *crowd)
{
    return game_rows(sql, crowd->created_s, (ARRIVALS + 1) * (size_t)RECORD_T1_BYTES);
}

static void look_at_t1s(double *places[LISTS], struct crowd *crowd, struct feed_cursor *cursor)
{
    struct blob blob;
    struct bucket_facts facts;
    uint8_t tag[ID_BYTES];
    assert_int_equal(service_t1s(service, crowd->bucket_hash, &blob, &facts, tag), 0);
    find_t1s(places[T1_LIST], &blob, crowd);
    blob_free(&blob);
    assert_int_equal(service_feed(service, crowd->bucket_hash, NULL, &blob, cursor), 0);
    find_t1s(places[T1_FEED], &blob, crowd);
    blob_free(&blob);
    assert_int_equal(reference_read(reference, RECORD_T1, &blob), 0);
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
    assert_int_equal(service_records(service, crowd->bucket_hash, kind, to, NULL, &blob,
                                     &(struct feed_cursor){{0}}, &(bool){false}),
                     0);
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
    assert_int_equal(service_feed(service, crowd->bucket_hash, cursor, &blob, &next), 0);
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
    assert_int_equal(reference_read(reference, RECORD_T2, &blob), 0);
    find_records(places[T2_REFERENCE], &blob, crowd->t2);
    blob_free(&blob);
}

/* Somebody who comes when everybody has been there for long. */
static void look_as_newcomer(double *places[LISTS], struct crowd *crowd)
{
    struct blob blob;
    struct feed_cursor cursor;
    assert_int_equal(service_feed(service, crowd->bucket_hash, NULL, &blob, &cursor), 0);
    find_t1s(places[NEW_T1_FEED], &blob, crowd);
    find_records(places[NEW_T2_FEED], &blob, crowd->t2);
    find_records(places[NEW_T3_FEED], &blob, crowd->t3);
    blob_free(&blob);
    look_at_list(places[NEW_T2_LIST], crowd, RECORD_T2, NULL);
}

static void post_apart(struct crowd *crowd, const size_t *order)
{
    post_t1s(crowd, order, true);
    post_to_all(crowd, RECORD_T2, crowd->t2, order, true);
    post_to_all(crowd, RECORD_T3, crowd->t3, order, true);
}

static void play(struct observations *seen, size_t run, bool opposite, struct seeded *seeded)
{
    static struct crowd crowd;
    double storage[LISTS][ARRIVALS], *places[LISTS];
    size_t order[ARRIVALS];
    struct feed_cursor cursor;
    for (size_t i = 0; i < LISTS; i++)
        places[i] = storage[i];
    game_next_window();
    game_draw_order(order, opposite, seeded);
    make_crowd(&crowd, seeded);
    post_t1s(&crowd, order, false);
    look_at_t1s(places, &crowd, &cursor);
    post_to_all(&crowd, RECORD_T2, crowd.t2, order, false);
    look_at_records(places, &crowd, RECORD_T2, &cursor);
    post_to_all(&crowd, RECORD_T3, crowd.t3, order, false);
    look_at_records(places, &crowd, RECORD_T3, &cursor);
    game_next_window();
    make_crowd(&crowd, seeded);
    post_apart(&crowd, order);
    look_as_newcomer(places, &crowd);
    for (size_t i = 0; i < LISTS; i++)
        game_compare(seen[i].values + run * ARRIVAL_WIDTH, places[i], order, opposite);
}

/* Play, and tell for each list whether the order shows. */
static void game(size_t runs, bool reported[static LISTS])
{
    static struct observations seen[LISTS];
    struct seeded seeded = seeded_open();
    bool *bits = calloc(runs, sizeof *bits);
    assert_non_null(bits);
    for (size_t i = 0; i < LISTS; i++) {
        seen[i] = (struct observations){names[i], runs, ARRIVAL_WIDTH,
                                        calloc(runs * ARRIVAL_WIDTH, sizeof(double)), bits};
        assert_non_null(seen[i].values);
    }
    service = game_open(&random_system);
    assert_int_equal(reference_open(&reference, service, &(struct reference_settings){1, 1 << 20},
                                    &random_system),
                     0);
    for (size_t r = 0; r < runs; r++) {
        bits[r] = seeded_next(&seeded) & 1;
        play(seen, r, bits[r], &seeded);
    }
    reference_close(reference);
    game_close(service);
    for (size_t i = 0; i < LISTS; i++) {
        reported[i] = guess_all(&seen[i], ALARM / LISTS);
        free(seen[i].values);
    }
    free(bits);
}

static void no_answer_tells_what_came_first(void **state)
{
    bool reported[LISTS];
    (void)state;
    leaks = false;
    game(RUNS, reported);
    for (size_t i = 0; i < LISTS; i++)
        assert_false(reported[i]);
}

static void an_order_by_arrival_is_noticed(void **state)
{
    bool reported[LISTS];
    (void)state;
    leaks = true;
    game(CONTROL_RUNS, reported);
    for (size_t i = 0; i < LISTS; i++)
        assert_int_equal(reported[i], i == T1_FEED || i == T2_FEED || i == T3_FEED ||
                                          i == T2_LIST || i == T2_LIST_TO || i == T3_LIST ||
                                          i >= NEW_T1_FEED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_by_arrival_is_noticed),
        cmocka_unit_test(no_answer_tells_what_came_first),
    };
    setenv("REUNION_TEST_SEED", SEED, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
