#include "lib/test.h"

#include <string.h>

#include "admission/stamp.h"
#include "base/secret.h"

/* What hashes are worth is among the known answers (tests/kat). */

static struct seeded seeded;

static struct stamp_subject some_subject(void)
{
    struct stamp_subject subject = {.kind = STAMP_KIND_T1};
    struct random_source random = seeded_source(&seeded);
    random_fill(&random, subject.record, sizeof subject.record);
    random_fill(&random, subject.challenge, sizeof subject.challenge);
    return subject;
}

static struct stamp_search opened(const struct stamp_subject *subject)
{
    struct stamp_search search;
    struct random_source random = seeded_source(&seeded);
    assert_int_equal(stamp_search_open(&search, subject, &random), 0);
    return search;
}

static uint32_t worth(struct argon2id_memory *memory, const struct stamp_subject *subject,
                      const uint8_t nonce[static STAMP_NONCE_BYTES])
{
    uint32_t effort = 0;
    assert_int_equal(stamp_check(memory, subject, nonce, &effort), 0);
    return effort;
}

static void a_search_finds_what_it_was_asked_for(void **state)
{
    (void)state;
    struct stamp_subject subject = some_subject();
    struct stamp_search search = opened(&subject);
    const struct stamp_goal goal = {.effort = 16, .tries = 24};
    assert_int_equal(stamp_search_run(&search, &goal, 100000, NULL), 0);
    assert_true(search.tries >= 24);
    assert_true(search.best_effort >= 16);
    assert_int_equal(worth(search.memory, &subject, search.best_nonce), search.best_effort);
    stamp_search_close(&search);
}

static void a_search_is_paused_and_gone_on_with(void **state)
{
    (void)state;
    struct stamp_subject subject = some_subject();
    struct stamp_search search = opened(&subject), whole = search;
    const struct stamp_goal goal = {.effort = 0, .tries = 30};
    for (int part = 0; part < 2; part++)
        assert_int_equal(stamp_search_run(&search, &goal, 10, NULL), -EAGAIN);
    assert_int_equal(search.tries, 20);
    assert_int_equal(stamp_search_run(&search, &goal, 10, NULL), 0);
    assert_int_equal(stamp_search_run(&whole, &goal, 30, NULL), 0);
    assert_memory_equal(search.best_nonce, whole.best_nonce, STAMP_NONCE_BYTES);
    stamp_search_close(&search);
}

struct countdown {
    int left;
};

static int count_down(void *state, int64_t ms)
{
    struct countdown *countdown = state;
    assert_int_equal(ms, 0);
    return countdown->left-- > 0 ? 0 : -ECANCELED;
}

static void a_search_that_is_stopped_keeps_what_it_has(void **state)
{
    (void)state;
    struct stamp_subject subject = some_subject();
    struct stamp_search search = opened(&subject);
    struct countdown countdown = {.left = 5};
    const struct stop_source stop = {.wait = count_down, .state = &countdown, .fd = -1};
    const struct stamp_goal goal = {.effort = UINT32_MAX, .tries = 0};
    assert_int_equal(stamp_search_run(&search, &goal, 100, &stop), -ECANCELED);
    assert_int_equal(search.tries, 5);
    assert_true(search.best_effort > 0);
    stamp_search_close(&search);
}

/* A stamp worth 256 is worth as much for nothing else but by a chance of one in 256 each. */
static void a_stamp_is_for_one_subject(void **state)
{
    (void)state;
    struct stamp_subject subject = some_subject(), others[5];
    struct stamp_search search = opened(&subject);
    const struct stamp_goal goal = {.effort = 256, .tries = 0};
    assert_int_equal(stamp_search_run(&search, &goal, 100000, NULL), 0);
    for (size_t i = 0; i < 5; i++)
        others[i] = subject;
    others[0].kind = STAMP_KIND_LINK;
    others[1].place[31] ^= 1;
    others[2].record[0] ^= 1;
    others[3].challenge[0] ^= 1;
    others[4].challenge[15] ^= 1;
    int as_good = 0;
    for (size_t i = 0; i < 5; i++)
        as_good += worth(search.memory, &others[i], search.best_nonce) >= 256 ? 1 : 0;
    assert_true(as_good <= 2);
    stamp_search_close(&search);
}

/* Over many tries a worth of at least e comes once in e. */
static void worths_come_as_often_as_they_say(void **state)
{
    (void)state;
    struct stamp_subject subject = some_subject();
    struct stamp_search search = opened(&subject);
    uint8_t nonce[STAMP_NONCE_BYTES] = {0};
    unsigned at_least_8 = 0;
    for (unsigned i = 0; i < 2048; i++) {
        nonce[0] = (uint8_t)i;
        nonce[1] = (uint8_t)(i >> 8);
        at_least_8 += worth(search.memory, &subject, nonce) >= 8 ? 1 : 0;
    }
    /* 256 on average, 15 of standard deviation; six of these either way. */
    assert_in_range(at_least_8, 256 - 90, 256 + 90);
    stamp_search_close(&search);
}

static void hours_begin_on_the_hour(void **state)
{
    (void)state;
    assert_int_equal(stamp_hour(-1), 0);
    assert_int_equal(stamp_hour(0), 0);
    assert_int_equal(stamp_hour(3599), 0);
    assert_int_equal(stamp_hour(3600), 1);
    assert_int_equal(stamp_hour(1732650000), 481291);
}

static void classes_fall_by_one_each_hour(void **state)
{
    (void)state;
    assert_int_equal(stamp_class(0, 7, 7), 0);
    assert_int_equal(stamp_class(1, 7, 7), 1);
    assert_int_equal(stamp_class(2, 7, 7), 2);
    assert_int_equal(stamp_class(3, 7, 7), 2);
    assert_int_equal(stamp_class(2048, 7, 7), 12);
    assert_int_equal(stamp_class(2048, 7, 8), 11);
    assert_int_equal(stamp_class(2048, 7, 18), 1);
    assert_int_equal(stamp_class(2048, 7, 19), 0);
    assert_int_equal(stamp_class(2048, 7, 7 + 64), 0);
    assert_int_equal(stamp_class(2048, 7, 7 + 32), 0);
    assert_int_equal(stamp_class(2048, 8, 7), 12); /* of an hour to come */
    assert_int_equal(stamp_class(UINT32_MAX, 7, 7), STAMP_CLASS_MAX);
    assert_int_equal(stamp_class(UINT32_MAX, 7, 7 + 31), 1);
}

static void a_raise_doubles_what_still_counts(void **state)
{
    (void)state;
    const struct stamp none = {.effort = 0}, old = {.hour = 7, .effort = 1024};
    struct stamp offered = {.hour = 8, .effort = 1024};
    assert_true(stamp_raises(&offered, &old, 8));
    assert_false(stamp_raises(&offered, &offered, 8));
    offered.effort = 1023;
    assert_false(stamp_raises(&offered, &old, 8));
    assert_true(stamp_raises(&(struct stamp){.hour = 7, .effort = 2048}, &old, 7));
    assert_false(stamp_raises(&(struct stamp){.hour = 6, .effort = 2048}, &old, 7));
    assert_true(stamp_raises(&(struct stamp){.hour = 8, .effort = 1}, &none, 8));
    assert_false(stamp_raises(&none, &none, 8));
    /* What is worth nothing any more is no ground for a stamp that is worth nothing either. */
    assert_false(stamp_raises(&(struct stamp){.hour = 1, .effort = 8}, &old, 60));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_finds_what_it_was_asked_for),
        cmocka_unit_test(a_search_is_paused_and_gone_on_with),
        cmocka_unit_test(a_search_that_is_stopped_keeps_what_it_has),
        cmocka_unit_test(a_stamp_is_for_one_subject),
        cmocka_unit_test(worths_come_as_often_as_they_say),
        cmocka_unit_test(hours_begin_on_the_hour),
        cmocka_unit_test(classes_fall_by_one_each_hour),
        cmocka_unit_test(a_raise_doubles_what_still_counts),
    };
    seeded = seeded_open();
    return secret_init() ? 1 : cmocka_run_group_tests_name("admission/stamp", tests, NULL, NULL);
}
