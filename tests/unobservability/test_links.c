#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "guess.h"
#include "link/seal.h"
#include "links/link_slots.h"
#include "service_game.h"

/* The games: in each run a bucket of links gets few or many of them, as a coin decides, and then
 * eight more, one after the other, in an order that a guesser knows or in the opposite one, as
 * another coin decides. From what the bucket's readers see, and from the database's rows, the
 * guesser must not learn either. The links are sealed ones, as clients make them.
 *
 * In the control games something leaks, and the guessers must win just there: fillers lack one of
 * the 256 bytes, or a link takes the first place that is free and not any. */

static const double ALARM = 1e-6;
static const char SEED[] = "0x6c696e6b4f6e6541";

enum {
    RUNS = 1500,
    CONTROL_RUNS = 200,
    EMPTY_RUNS = 600,
    FEW_MAX = 28, /* and as many levels above, up to all but the eight that come later */
};

_Static_assert(2 * FEW_MAX + ARRIVALS == LINK_SLOTS, "every level has its turn");

enum leak { LEAK_NOTHING, LEAK_FILLERS, LEAK_SLOTS };

enum look { LOOK_FIRST, LOOK_LAST, LOOK_CHANGES, LOOK_ORDER, LOOK_ROWS, LOOKS };

static enum leak leak;
static struct service *service;
static struct seeded dice_seed;

/* A place is drawn by 32 bits. */
static void throw_dice(void *state, uint8_t *out, size_t bytes)
{
    struct random_source seeded = seeded_source(state);
    if (leak == LEAK_SLOTS && bytes == sizeof(uint32_t))
        memset(out, 0, bytes);
    else
        random_fill(&seeded, out, bytes);
}

static const struct random_source dice = {throw_dice, &dice_seed};

/* Links */

static void make_links(uint8_t blobs[][LINK_BLOB_BYTES], size_t count, struct seeded *seeded)
{
    static const uint8_t text[] = "https://chat.example.org/join/3f9a1c";
    const struct random_source random = seeded_source(seeded);
    uint8_t key[LINK_KEY_BYTES];
    for (size_t i = 0; i < count; i++) {
        random_fill(&random, key, sizeof key);
        assert_int_equal(link_seal(blobs[i], key, text, sizeof text - 1), 0);
    }
}

/* Reading. Where fillers leak, there is no byte 0xff in them. */

static bool is_among(const uint8_t *place, uint8_t blobs[][LINK_BLOB_BYTES], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(place, blobs[i], LINK_BLOB_BYTES) == 0)
            return true;
    return false;
}

static void spoil_fillers(uint8_t *image, uint8_t blobs[][LINK_BLOB_BYTES], size_t count)
{
    for (uint8_t *place = image; place < image + LINK_BUCKET_BYTES; place += LINK_BLOB_BYTES)
        for (size_t i = 0; !is_among(place, blobs, count) && i < LINK_BLOB_BYTES; i++)
            place[i] = place[i] == 0xff ? 0 : place[i];
}

static void read_bucket(uint8_t image[static LINK_BUCKET_BYTES], const struct bucket_facts *bucket,
                        uint8_t blobs[][LINK_BLOB_BYTES], size_t count)
{
    struct blob answer;
    struct bucket_facts facts;
    uint8_t tag[ID_BYTES], none[ID_BYTES] = {0};
    assert_int_equal(service_links(service, bucket->bucket_hash, &answer, &facts, tag), 0);
    assert_int_equal(answer.bytes, LINK_BUCKET_BYTES);
    /* What goes with it is the same at every level. */
    assert_true(facts.open && !facts.closed && facts.count == 0);
    assert_memory_equal(tag, none, sizeof none);
    memcpy(image, answer.data, LINK_BUCKET_BYTES);
    blob_free(&answer);
    if (leak == LEAK_FILLERS)
        spoil_fillers(image, blobs, count);
}

/* What a guesser makes of one reading: how often each byte and bit is there, in all, at each place
 * and at each offset, and how bytes and places are like their neighbours. */
enum {
    SEEN_BYTES = 0,
    SEEN_BITS = SEEN_BYTES + 256,
    SEEN_PLACE_SUM = SEEN_BITS + 8,
    SEEN_PLACE_BYTES = SEEN_PLACE_SUM + LINK_SLOTS,
    SEEN_OFFSET_SUM = SEEN_PLACE_BYTES + LINK_SLOTS,
    SEEN_NEIGHBOURS = SEEN_OFFSET_SUM + LINK_BLOB_BYTES,
    READING_WIDTH = SEEN_NEIGHBOURS + 3,
};

static void look_at_place(double *seen, const uint8_t *place, size_t number)
{
    bool met[256] = {false};
    for (size_t i = 0; i < LINK_BLOB_BYTES; i++) {
        seen[SEEN_BYTES + place[i]]++;
        for (size_t bit = 0; bit < 8; bit++)
            seen[SEEN_BITS + bit] += place[i] >> bit & 1;
        seen[SEEN_PLACE_SUM + number] += place[i];
        seen[SEEN_PLACE_BYTES + number] += met[place[i]] ? 0 : 1;
        seen[SEEN_OFFSET_SUM + i] += place[i];
        met[place[i]] = true;
    }
}

static void look_at_reading(double seen[static READING_WIDTH], const uint8_t *image)
{
    memset(seen, 0, READING_WIDTH * sizeof *seen);
    for (size_t place = 0; place < LINK_SLOTS; place++)
        look_at_place(seen, image + place * LINK_BLOB_BYTES, place);
    for (size_t i = 0; i + 1 < LINK_BUCKET_BYTES; i++) {
        seen[SEEN_NEIGHBOURS] += abs(image[i] - image[i + 1]);
        seen[SEEN_NEIGHBOURS + 1] += image[i] == image[i + 1] ? 1 : 0;
    }
    for (size_t i = 0; i + LINK_BLOB_BYTES < LINK_BUCKET_BYTES; i++)
        seen[SEEN_NEIGHBOURS + 2] += image[i] == image[i + LINK_BLOB_BYTES] ? 1 : 0;
}

/* Of successive readings: where they differ, and in how many bytes of that place. */
enum { CHANGES_WIDTH = 3 * ARRIVALS };

/* The one place in which two readings differ. */
static size_t changed_place(const uint8_t *before, const uint8_t *after, size_t *bytes)
{
    size_t found = LINK_SLOTS;
    *bytes = 0;
    for (size_t i = 0; i < LINK_BUCKET_BYTES; i++) {
        if (before[i] == after[i])
            continue;
        assert_true(found == LINK_SLOTS || found == i / LINK_BLOB_BYTES);
        found = i / LINK_BLOB_BYTES;
        ++*bytes;
    }
    assert_true(found < LINK_SLOTS);
    return found;
}

static void look_at_change(double seen[static CHANGES_WIDTH], size_t number, const uint8_t *before,
                           const uint8_t *after)
{
    size_t bytes, place = changed_place(before, after, &bytes);
    seen[3 * number] = (double)place;
    seen[3 * number + 1] = (double)bytes;
    /* Whether they come one behind the other. */
    seen[3 * number + 2] = number > 0 ? fabs(seen[3 * number] - seen[3 * number - 3]) : 0;
}

/* One run */

struct scene {
    bool many, opposite;
    size_t level; /* links at first */
    uint8_t blobs[LINK_SLOTS][LINK_BLOB_BYTES];
    uint8_t later[ARRIVALS][LINK_BLOB_BYTES];
    size_t order[ARRIVALS];
    struct bucket_facts bucket;
};

static void set_scene(struct scene *scene, struct seeded *seeded)
{
    scene->many = seeded_next(seeded) & 1;
    scene->opposite = seeded_next(seeded) & 1;
    scene->level = 1 + seeded_below(seeded, FEW_MAX) + (scene->many ? FEW_MAX : 0);
    game_draw_order(scene->order, scene->opposite, seeded);
    make_links(scene->blobs, scene->level, seeded);
    make_links(scene->later, ARRIVALS, seeded);
    game_next_window();
}

static void post_links(struct scene *scene, uint8_t blobs[][LINK_BLOB_BYTES], size_t count)
{
    struct post posts[LINK_SLOTS];
    for (size_t i = 0; i < count; i++)
        posts[i] = (struct post){.kind = &post_link, .given = blobs[i]};
    game_commit_together(service, posts, count);
    scene->bucket = posts[0].bucket;
}

static void look_at_order(struct observations *seen, size_t run, const struct scene *scene,
                          const uint8_t *image)
{
    double places[ARRIVALS];
    struct blob answer = {(uint8_t *)(uintptr_t)image, LINK_BUCKET_BYTES};
    struct blob rows = game_rows("SELECT body FROM link WHERE created = ?1",
                                 (int64_t)scene->bucket.id.created, LINK_BUCKET_BYTES);
    const struct blob *const both[] = {&answer, &rows};
    for (size_t i = 0; i < 2; i++) {
        game_find_places(places, both[i], scene->later, LINK_BLOB_BYTES, 0, LINK_BLOB_BYTES);
        game_compare(seen[LOOK_ORDER + i].values + run * ARRIVAL_WIDTH, places, scene->order,
                     scene->opposite);
    }
    blob_free(&rows);
}

static void play(struct observations *seen, size_t run, struct seeded *seeded)
{
    static struct scene scene;
    static uint8_t before[LINK_BUCKET_BYTES], after[LINK_BUCKET_BYTES];
    set_scene(&scene, seeded);
    for (size_t i = 0; i < LOOKS; i++)
        seen[i].bits[run] = i < LOOK_ORDER ? scene.many : scene.opposite;
    post_links(&scene, scene.blobs, scene.level);
    read_bucket(before, &scene.bucket, scene.blobs, scene.level);
    look_at_reading(seen[LOOK_FIRST].values + run * READING_WIDTH, before);
    for (size_t i = 0; i < ARRIVALS; i++) {
        uint8_t(*blob)[LINK_BLOB_BYTES] = &scene.later[scene.order[i]];
        post_links(&scene, blob, 1);
        memcpy(scene.blobs[scene.level++], *blob, LINK_BLOB_BYTES);
        read_bucket(after, &scene.bucket, scene.blobs, scene.level);
        look_at_change(seen[LOOK_CHANGES].values + run * CHANGES_WIDTH, i, before, after);
        memcpy(before, after, sizeof before);
    }
    look_at_reading(seen[LOOK_LAST].values + run * READING_WIDTH, after);
    look_at_order(seen, run, &scene, after);
}

static struct observations observe(const char *name, size_t runs, size_t width)
{
    struct observations seen = {name, runs, width, calloc(runs * width, sizeof(double)),
                                calloc(runs, sizeof(bool))};
    assert_non_null(seen.values);
    assert_non_null(seen.bits);
    return seen;
}

static bool guess_and_free(struct observations *seen, double alarm)
{
    bool reported = guess_all(seen, alarm);
    free(seen->values);
    free(seen->bits);
    return reported;
}

/* Play, and tell for each look whether it gives away what it should not. */
static void game(enum leak leaking, size_t runs, bool reported[static LOOKS])
{
    struct seeded seeded = seeded_open();
    struct observations seen[LOOKS] = {
        [LOOK_FIRST] = observe("first", runs, READING_WIDTH),
        [LOOK_LAST] = observe("last", runs, READING_WIDTH),
        [LOOK_CHANGES] = observe("changes", runs, CHANGES_WIDTH),
        [LOOK_ORDER] = observe("order", runs, ARRIVAL_WIDTH),
        [LOOK_ROWS] = observe("rows", runs, ARRIVAL_WIDTH),
    };
    leak = leaking;
    service = game_open(&dice);
    for (size_t run = 0; run < runs; run++)
        play(seen, run, &seeded);
    game_close(service);
    for (size_t i = 0; i < LOOKS; i++)
        reported[i] = guess_and_free(&seen[i], ALARM / LOOKS);
}

static void no_reading_tells_how_many_or_in_what_order(void **state)
{
    bool reported[LOOKS];
    (void)state;
    game(LEAK_NOTHING, RUNS, reported);
    for (size_t i = 0; i < LOOKS; i++)
        assert_false(reported[i]);
}

static void fillers_that_lack_a_byte_are_noticed(void **state)
{
    bool reported[LOOKS];
    (void)state;
    game(LEAK_FILLERS, CONTROL_RUNS, reported);
    for (size_t i = 0; i < LOOKS; i++)
        assert_int_equal(reported[i], i == LOOK_FIRST || i == LOOK_LAST);
}

static void places_in_turn_are_noticed(void **state)
{
    bool reported[LOOKS];
    (void)state;
    game(LEAK_SLOTS, CONTROL_RUNS, reported);
    for (size_t i = 0; i < LOOKS; i++)
        assert_int_equal(reported[i], i >= LOOK_CHANGES);
}

/* The greatest difference there is. A bucket without any link is seen by nobody, as it comes with
 * its first one; so here the places are looked at by themselves. */
static void none_looks_as_all(void **state)
{
    static uint8_t blobs[LINK_SLOTS][LINK_BLOB_BYTES];
    struct seeded seeded = seeded_open();
    const struct random_source random = seeded_source(&seeded);
    struct observations seen = observe("none, all", EMPTY_RUNS, READING_WIDTH);
    uint8_t seed[LINK_SEED_BYTES];
    (void)state;
    for (size_t run = 0; run < EMPTY_RUNS; run++) {
        seen.bits[run] = seeded_next(&seeded) & 1;
        random_fill(&random, seed, sizeof seed);
        struct link_slots *slots = link_slots_new(seed);
        assert_non_null(slots);
        make_links(blobs, LINK_SLOTS, &seeded);
        for (size_t i = 0; seen.bits[run] && i < LINK_SLOTS; i++) {
            struct link_entry *staged;
            assert_int_equal(link_slots_stage(slots, &random, blobs[i], &staged), 0);
            link_slots_show(slots, staged);
        }
        look_at_reading(seen.values + run * READING_WIDTH, slots->image);
        link_slots_free(slots);
    }
    assert_false(guess_and_free(&seen, ALARM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fillers_that_lack_a_byte_are_noticed),
        cmocka_unit_test(places_in_turn_are_noticed),
        cmocka_unit_test(none_looks_as_all),
        cmocka_unit_test(no_reading_tells_how_many_or_in_what_order),
    };
    setenv("REUNION_TEST_SEED", SEED, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
