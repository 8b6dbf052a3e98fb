/* When a run goes: at a time that is drawn, or chosen, and says nothing; and when it has succeeded.
 */
#include "lib/test.h"
#include "run/expected_count.h"
#include "run/length_of_stay.h"

static void so_many_are_a_success(void **state)
{
    (void)state;
    struct expected_count nobody = {0}, two = {.wanted = 2};
    assert_false(expected_count_is_met(&nobody, 0));
    assert_true(expected_count_is_met(&nobody, 1));
    assert_false(expected_count_is_exceeded(&nobody, 5));
    assert_false(expected_count_is_met(&two, 1));
    assert_true(expected_count_is_met(&two, 2));
    assert_false(expected_count_is_exceeded(&two, 2));
    assert_true(expected_count_is_exceeded(&two, 3));
}

/* Memoryless beyond the minimum: of those that stay on for so long, the same part does so for as
 * long again; and nobody stays longer than the cap. */
static void a_stay_is_drawn(void **state)
{
    (void)state;
    enum { DRAWS = 4000, STEP_S = 832 /* half of those that stay leave in it */, PARTS = 5 };
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    size_t longer[PARTS] = {0}, capped = 0;
    int64_t sum_s = 0;
    for (int i = 0; i < DRAWS; i++) {
        int64_t stay_s = stay_draw_s(&random);
        assert_in_range(stay_s, STAY_DRAWN_S_MIN, STAY_DRAWN_S_MAX);
        sum_s += stay_s;
        capped += stay_s == STAY_DRAWN_S_MAX;
        for (int part = 0; part < PARTS; part++)
            longer[part] += stay_s >= STAY_DRAWN_S_MIN + part * STEP_S;
    }
    assert_int_equal(longer[0], DRAWS);
    for (int part = 1; part < PARTS; part++) {
        size_t half = longer[part - 1] / 2;
        assert_in_range(longer[part], half - 3 * half / 10, half + 3 * half / 10);
    }
    assert_in_range(sum_s / DRAWS, 28 * 60, 32 * 60);
    assert_in_range(capped, 1, DRAWS / 60);
}

static void the_end_of_a_stay_begins_nothing(void **state)
{
    (void)state;
    assert_int_equal(stay_open_ms(600), 540 * 1000);
    assert_int_equal(stay_open_ms(240), 180 * 1000);
    assert_int_equal(stay_open_ms(60), 45 * 1000);
    assert_int_equal(stay_open_ms(1), 750);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_are_a_success),
        cmocka_unit_test(a_stay_is_drawn),
        cmocka_unit_test(the_end_of_a_stay_begins_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
