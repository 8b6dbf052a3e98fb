/* How each end of a run reads as an exit code. */
#include "cli/outcome.h"
#include "lib/test.h"

static void a_stop_depends_on_what_was_met(void **state)
{
    (void)state;
    for (int away = 0; away < 2; away++) {
        assert_int_equal(outcome_of(-ECANCELED, STOP_INTERRUPTED, true, away), 0);
        assert_int_equal(outcome_of(-ECANCELED, STOP_TIME_OVER, true, away), 0);
        assert_int_equal(outcome_of(-ECANCELED, STOP_INTERRUPTED, false, away), 130);
    }
    assert_int_equal(outcome_of(-ECANCELED, STOP_TIME_OVER, false, false), 1);
    assert_int_equal(outcome_of(-ECANCELED, STOP_TIME_OVER, false, true), 3);
}

static void failures_have_their_codes(void **state)
{
    (void)state;
    assert_int_equal(outcome_of(-EHOSTUNREACH, STOP_NONE, false, true), 3);
    assert_int_equal(outcome_of(-EPROTO, STOP_NONE, false, false), 3);
    assert_int_equal(outcome_of(-EPERM, STOP_NONE, true, false), 4);
    assert_int_equal(outcome_of(-ENOMEM, STOP_NONE, true, false), 5);
    assert_int_equal(outcome_of(-EIO, STOP_NONE, false, false), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_depends_on_what_was_met),
        cmocka_unit_test(failures_have_their_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
