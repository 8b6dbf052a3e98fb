/* When a run that expects somebody goes: not before all is stored, and at no time that tells. */
#include "lib/test.h"
#include "rendezvous/expectation.h"

static void nobody_expected_ends_nothing(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    struct expectation expectation = {0};
    for (size_t messages = 0; messages < 5; messages++)
        assert_int_equal(expectation_look(&expectation, messages, 0, 1000, &random),
                         EXPECTATION_STAY);
    assert_false(expectation_is_exceeded(&expectation, 5));
    assert_false(expectation_is_met(&expectation, 0));
    assert_true(expectation_is_met(&expectation, 1));
}

static void it_goes_once_all_have_come_and_all_is_stored(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    struct expectation expectation = {.wanted = 2, .no_linger = true};
    assert_int_equal(expectation_look(&expectation, 0, 0, 0, &random), EXPECTATION_STAY);
    assert_int_equal(expectation_look(&expectation, 1, 0, 0, &random), EXPECTATION_STAY);
    assert_int_equal(expectation_look(&expectation, 2, 1, 0, &random), EXPECTATION_STAY);
    assert_int_equal(expectation_look(&expectation, 2, 0, 0, &random), EXPECTATION_LEAVE);
    assert_int_equal(expectation_look(&expectation, 3, 0, 0, &random), EXPECTATION_LEAVE);
    assert_false(expectation_is_met(&expectation, 1));
    assert_true(expectation_is_met(&expectation, 2));
    assert_false(expectation_is_exceeded(&expectation, 2));
    assert_true(expectation_is_exceeded(&expectation, 3));
}

static void it_lingers_once_from_when_all_is_stored(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    struct expectation expectation = {.wanted = 1};
    assert_int_equal(expectation_look(&expectation, 1, 2, 5000, &random), EXPECTATION_STAY);
    assert_false(expectation.lingering);
    assert_int_equal(expectation_look(&expectation, 1, 0, 9000, &random), EXPECTATION_LINGER);
    int64_t leave_ms = expectation.leave_ms;
    assert_in_range(leave_ms, 9000 + EXPECTATION_LINGER_MS_MIN, 9000 + EXPECTATION_LINGER_MS_MAX);
    assert_int_equal(expectation_look(&expectation, 2, 3, leave_ms - 1, &random), EXPECTATION_STAY);
    assert_int_equal(expectation.leave_ms, leave_ms);
    assert_int_equal(expectation_look(&expectation, 2, 3, leave_ms, &random), EXPECTATION_LEAVE);
}

/* The whole span is used, evenly: each tenth of it gets about a tenth of the draws. */
static void the_time_to_linger_is_uniform(void **state)
{
    (void)state;
    enum { DRAWS = 10000, PARTS = 10 };
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    size_t drawn[PARTS] = {0};
    for (int i = 0; i < DRAWS; i++) {
        struct expectation expectation = {.wanted = 1};
        assert_int_equal(expectation_look(&expectation, 1, 0, 0, &random), EXPECTATION_LINGER);
        int64_t span = EXPECTATION_LINGER_MS_MAX - EXPECTATION_LINGER_MS_MIN + 1;
        assert_in_range(expectation.leave_ms, EXPECTATION_LINGER_MS_MIN, EXPECTATION_LINGER_MS_MAX);
        drawn[(expectation.leave_ms - EXPECTATION_LINGER_MS_MIN) * PARTS / span]++;
    }
    /* Six standard deviations of a binomial count are 180. */
    for (int i = 0; i < PARTS; i++)
        assert_in_range(drawn[i], DRAWS / PARTS - 180, DRAWS / PARTS + 180);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_expected_ends_nothing),
        cmocka_unit_test(it_goes_once_all_have_come_and_all_is_stored),
        cmocka_unit_test(it_lingers_once_from_when_all_is_stored),
        cmocka_unit_test(the_time_to_linger_is_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
