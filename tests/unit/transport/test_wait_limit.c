/* What is learned from requests that were cut off as they waited. */
#include "lib/test.h"
#include "transport/wait_limit.h"

enum { NOW_MS = 1000000 };

static struct wait_limit limit;

static int begin(void **state)
{
    (void)state;
    wait_limit_begin(&limit, 55000);
    return 0;
}

static void a_proxy_is_met_with_shorter_waits(void **state)
{
    (void)state;
    static const struct {
        int64_t proxy_ms, next_ms;
    } cases[] = {{50010, 45000}, {30000, 27000}, {10004, 9000},
                 {5003, 4000},   {2000, 1000},   {1000, 1000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(NULL);
        assert_int_equal(wait_limit_next(&limit, 55000, NOW_MS), 55000);
        assert_true(wait_limit_failed(&limit, WAIT_CUT_MAYBE, 55000, cases[i].proxy_ms, NOW_MS));
        assert_int_equal(wait_limit_next(&limit, 55000, NOW_MS), cases[i].next_ms);
        wait_limit_answered(&limit);
        assert_int_equal(wait_limit_next(&limit, 55000, NOW_MS), cases[i].next_ms);
        assert_int_equal(wait_limit_next(&limit, 0, NOW_MS), 0);
    }
}

static void what_comes_at_once_or_was_not_to_wait_is_an_outage(void **state)
{
    (void)state;
    assert_false(wait_limit_failed(&limit, WAIT_CUT_MAYBE, 55000, WAIT_CUT_MS_MIN - 1, NOW_MS));
    assert_false(wait_limit_failed(&limit, WAIT_CUT_NOT, 55000, 50000, NOW_MS));
    assert_false(wait_limit_failed(&limit, WAIT_CUT_SAID, 0, 50000, NOW_MS));
    assert_int_equal(wait_limit_next(&limit, 55000, NOW_MS), 0);
    wait_limit_answered(&limit);
    assert_int_equal(wait_limit_next(&limit, 55000, NOW_MS), 55000);
}

static void a_gateway_that_says_so_need_not_have_waited(void **state)
{
    (void)state;
    assert_true(wait_limit_failed(&limit, WAIT_CUT_SAID, 55000, 0, NOW_MS));
    assert_int_equal(wait_limit_next(&limit, 55000, NOW_MS), 1000);
}

/* A server that died while a request waited: what was learned from it is forgotten. */
static void an_outage_teaches_nothing(void **state)
{
    (void)state;
    assert_true(wait_limit_failed(&limit, WAIT_CUT_MAYBE, 55000, 30000, NOW_MS));
    wait_limit_answered(&limit);
    assert_true(wait_limit_failed(&limit, WAIT_CUT_MAYBE, 27000, 5000, NOW_MS));
    assert_int_equal(wait_limit_next(&limit, 55000, NOW_MS), 4000);
    assert_false(wait_limit_failed(&limit, WAIT_CUT_NOT, 4000, 0, NOW_MS));
    wait_limit_answered(&limit);
    assert_int_equal(wait_limit_next(&limit, 55000, NOW_MS), 27000);
}

static void cut_off_again_and_again_is_an_outage(void **state)
{
    (void)state;
    for (int i = 0; i < WAIT_CUTS_MAX; i++)
        assert_true(wait_limit_failed(&limit, WAIT_CUT_MAYBE, 55000, 20000, NOW_MS));
    assert_false(wait_limit_failed(&limit, WAIT_CUT_MAYBE, 18000, 20000, NOW_MS));
    wait_limit_answered(&limit);
    assert_int_equal(wait_limit_next(&limit, 55000, NOW_MS), 55000);
}

/* Half an hour after the last cut the longest wait is tried again, and is cut at once. */
static void waits_become_longer_once_in_a_while_alone(void **state)
{
    (void)state;
    const int64_t again_ms = NOW_MS + WAIT_LIMIT_HOLDS_MS;
    assert_true(wait_limit_failed(&limit, WAIT_CUT_MAYBE, 55000, 30000, NOW_MS));
    for (int64_t now_ms = NOW_MS; now_ms < again_ms; now_ms += 27000) {
        assert_int_equal(wait_limit_next(&limit, 55000, now_ms), 27000);
        wait_limit_answered(&limit);
    }
    assert_int_equal(wait_limit_next(&limit, 55000, again_ms), 55000);
    assert_true(wait_limit_failed(&limit, WAIT_CUT_MAYBE, 55000, 30000, again_ms + 30000));
    assert_int_equal(wait_limit_next(&limit, 55000, again_ms + 30000), 27000);
    wait_limit_answered(&limit);
    assert_int_equal(wait_limit_next(&limit, 55000, again_ms + WAIT_LIMIT_HOLDS_MS), 27000);
}

static void a_path_that_became_better_is_used(void **state)
{
    (void)state;
    int64_t later_ms = NOW_MS + WAIT_LIMIT_HOLDS_MS;
    assert_true(wait_limit_failed(&limit, WAIT_CUT_SAID, 55000, 4000, NOW_MS));
    wait_limit_answered(&limit);
    assert_int_equal(wait_limit_next(&limit, 55000, later_ms), 55000);
    wait_limit_answered(&limit);
    assert_int_equal(wait_limit_next(&limit, 55000, later_ms + 55000), 55000);
}

/* An outage while the longest wait is tried says nothing of what was known before. */
static void an_outage_in_a_try_leaves_what_was_known(void **state)
{
    (void)state;
    int64_t later_ms = NOW_MS + WAIT_LIMIT_HOLDS_MS;
    assert_true(wait_limit_failed(&limit, WAIT_CUT_MAYBE, 55000, 30000, NOW_MS));
    wait_limit_answered(&limit);
    assert_int_equal(wait_limit_next(&limit, 55000, later_ms), 55000);
    assert_true(wait_limit_failed(&limit, WAIT_CUT_MAYBE, 55000, 9000, later_ms));
    assert_false(wait_limit_failed(&limit, WAIT_CUT_NOT, 8000, 0, later_ms));
    wait_limit_answered(&limit);
    assert_int_equal(wait_limit_next(&limit, 55000, later_ms), 27000);
}

/* Who has something else to do meanwhile asks for less, which is no limit. */
static void a_shorter_wish_teaches_nothing(void **state)
{
    (void)state;
    assert_int_equal(wait_limit_next(&limit, 1000, NOW_MS), 1000);
    wait_limit_answered(&limit);
    assert_int_equal(wait_limit_next(&limit, 55000, NOW_MS), 55000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_proxy_is_met_with_shorter_waits, begin),
        cmocka_unit_test_setup(what_comes_at_once_or_was_not_to_wait_is_an_outage, begin),
        cmocka_unit_test_setup(a_gateway_that_says_so_need_not_have_waited, begin),
        cmocka_unit_test_setup(an_outage_teaches_nothing, begin),
        cmocka_unit_test_setup(cut_off_again_and_again_is_an_outage, begin),
        cmocka_unit_test_setup(waits_become_longer_once_in_a_while_alone, begin),
        cmocka_unit_test_setup(a_path_that_became_better_is_used, begin),
        cmocka_unit_test_setup(an_outage_in_a_try_leaves_what_was_known, begin),
        cmocka_unit_test_setup(a_shorter_wish_teaches_nothing, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
