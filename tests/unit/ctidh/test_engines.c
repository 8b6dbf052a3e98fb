/* An engine against the portable one: any number of keys, in any lane, invalid ones among them,
 * interrupted ones, and last random ones. Called as `test_engines ENGINE KEYS`. */
#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "ctidh/engine.h"

enum { POOL = 17 };

static const struct engine *engine;
static size_t random_keys;
static struct seeded seeded;
static struct random_source source;
static struct schedule key;
static const struct encoded base_curve;
static struct encoded curves[POOL];      /* supersingular */
static struct encoded destination[POOL]; /* where `key` leads from each, says the portable engine */

static void random_schedule(struct schedule *schedule)
{
    uint8_t secret[CTIDH1024_SECRET_BYTES];
    ctidh1024_secret_sample(secret, &source);
    assert_int_equal(schedule_open(schedule, secret), 0);
}

/* A public key of somebody: cheap, with the engine under test, as it is not what is compared. */
static void random_curves(struct encoded *curve, size_t count)
{
    struct journey journeys[POOL];
    struct schedule schedule;
    for (size_t i = 0; i < count; i++) {
        random_schedule(&schedule);
        journey_open(&journeys[i], base_curve.bytes, &schedule);
    }
    assert_int_equal(engine->act(journeys, count, &source, NULL), 0);
    for (size_t i = 0; i < count; i++)
        curve[i] = journeys[i].a;
}

static void destination_of(struct encoded *out, const struct encoded *curve,
                           const struct schedule *by)
{
    struct journey journey;
    journey_open(&journey, curve->bytes, by);
    assert_int_equal(engine_portable.act(&journey, 1, &source, NULL), 0);
    *out = journey.a;
}

static int open_all(void **state)
{
    (void)state;
    if (secret_init())
        return -1;
    seeded = seeded_open();
    source = seeded_source(&seeded);
    random_schedule(&key);
    random_curves(curves + 1, POOL - 1); /* and the base curve */
    for (size_t i = 0; i < POOL; i++)
        destination_of(&destination[i], &curves[i], &key);
    return 0;
}

/* Journeys from the curves of the pool whose numbers are given. */
static void check_journeys(const size_t *number, size_t count)
{
    struct journey journeys[3 * POOL] = {0};
    bool valid[3 * POOL];
    for (size_t i = 0; i < count; i++)
        journey_open(&journeys[i], curves[number[i]].bytes, &key);
    assert_int_equal(engine->validate(valid, journeys, count, &source, NULL), 0);
    assert_int_equal(engine->act(journeys, count, &source, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(valid[i]);
        assert_memory_equal(&journeys[i].a, &destination[number[i]], sizeof journeys[i].a);
    }
}

/* What has one lane does a number of keys one by one. Without random keys it is memory that is
 * looked at: then full lanes, one key less and one alone are enough. */
static void any_number_of_keys(void **state)
{
    (void)state;
    size_t number[POOL];
    size_t step = engine->lanes == 1 ? POOL - 1 : random_keys > 0 ? 1 : engine->lanes - 1;
    for (size_t count = 1; count <= POOL; count += step) {
        for (size_t i = 0; i < count; i++)
            number[i] = (count + i) % POOL;
        check_journeys(number, count);
    }
    check_journeys(number, 0);
}

/* The same key in all lanes, and the pool in random orders, some of it again. */
static void lanes_do_not_touch_each_other(void **state)
{
    (void)state;
    size_t number[3 * POOL] = {0};
    check_journeys(number, 8);
    size_t rounds = engine->lanes == 1 ? 0 : random_keys > 0 ? 2 : 1;
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < 3 * POOL; i++)
            number[i] = random_below(&source, POOL);
        check_journeys(number, 3 * POOL);
    }
}

/* Random numbers are no supersingular curves, ±2 are singular ones. */
static void invalid_keys_are_found(void **state)
{
    (void)state;
    struct journey journeys[2 * POOL];
    bool valid[2 * POOL], expected[2 * POOL];
    struct fp two, minus_two;
    fp_add_tight(&two, &fp_one, &fp_one);
    fp_negate(&minus_two, &two);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < 2 * POOL; i++) {
            struct fp a;
            fp_random(&a, &source);
            uint32_t kind = random_below(&source, 4);
            expected[i] = kind == 0;
            a = kind == 1 ? two : kind == 2 ? minus_two : a;
            struct encoded encoded = curves[i / 2];
            if (kind > 0)
                fp_store(&encoded, &a);
            journey_open(&journeys[i], encoded.bytes, &key);
        }
        assert_int_equal(engine->validate(valid, journeys, 2 * POOL, &source, NULL), 0);
        for (size_t i = 0; i < 2 * POOL; i++)
            assert_int_equal(valid[i], expected[i]);
    }
}

/* True from the question after `patience` others on. */
static bool asked(void *state)
{
    size_t *patience = state;
    return *patience == 0 || (*patience)-- == 0;
}

static void work_is_given_up(void **state)
{
    (void)state;
    struct journey journeys[POOL];
    bool valid[POOL];
    for (size_t patience = 0; patience < 300; patience += 99) {
        size_t left = patience;
        const struct ctidh1024_cancel cancel = {asked, &left};
        for (size_t i = 0; i < POOL; i++)
            journey_open(&journeys[i], curves[i].bytes, &key);
        assert_int_equal(engine->act(journeys, POOL, &source, &cancel), -ECANCELED);
        left = 0;
        assert_int_equal(engine->validate(valid, journeys, POOL, &source, &cancel), -ECANCELED);
    }
}

static void random_keys_agree(void **state)
{
    (void)state;
    for (size_t done = 0; done < random_keys; done += POOL - 1) {
        struct encoded curve[POOL];
        struct journey journeys[POOL];
        struct schedule schedule;
        struct encoded expected;
        random_schedule(&schedule);
        random_curves(curve, POOL - 1);
        for (size_t i = 0; i < POOL - 1; i++)
            journey_open(&journeys[i], curve[i].bytes, &schedule);
        assert_int_equal(engine->act(journeys, POOL - 1, &source, NULL), 0);
        for (size_t i = 0; i < POOL - 1; i++) {
            destination_of(&expected, &curve[i], &schedule);
            assert_memory_equal(&journeys[i].a, &expected, sizeof expected);
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_keys),     cmocka_unit_test(lanes_do_not_touch_each_other),
        cmocka_unit_test(invalid_keys_are_found), cmocka_unit_test(work_is_given_up),
        cmocka_unit_test(random_keys_agree),
    };
    if (argc != 3) {
        fprintf(stderr, "usage: test_engines ENGINE KEYS\n");
        return 2;
    }
    random_keys = strtoul(argv[2], NULL, 10);
    if (engine_find(argv[1], &engine)) {
        fprintf(stderr, "skipped: this processor has no %s engine\n", argv[1]);
        return 77;
    }
    return cmocka_run_group_tests(tests, open_all, NULL);
}
