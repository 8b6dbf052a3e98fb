/* How each end of a run reads as an exit code. */
#include <string.h>

#include "base/err.h"
#include "lib/test.h"
#include "rendezvous/program.h"
#include "run/exit_status.h"

static enum outcome outcome(int err, enum stop_cause cause, size_t messages, size_t expected,
                            bool away)
{
    return exit_status_outcome(&(struct exit_status){err, cause, messages, expected, away});
}

static void a_stop_depends_on_what_was_met(void **state)
{
    (void)state;
    for (int away = 0; away < 2; away++) {
        assert_int_equal(outcome(-ECANCELED, STOP_INTERRUPTED, 1, 0, away), OUTCOME_DONE);
        assert_int_equal(outcome(-ECANCELED, STOP_TIME_OVER, 9, 0, away), OUTCOME_DONE);
        assert_int_equal(outcome(-ECANCELED, STOP_INTERRUPTED, 0, 0, away), OUTCOME_INTERRUPTED);
    }
    assert_int_equal(outcome(-ECANCELED, STOP_TIME_OVER, 0, 0, false), OUTCOME_ALONE);
    assert_int_equal(outcome(-ECANCELED, STOP_TIME_OVER, 0, 0, true), OUTCOME_SERVER);
}

static void an_expected_count_is_met_missed_or_exceeded(void **state)
{
    (void)state;
    assert_int_equal(outcome(0, STOP_NONE, 2, 2, false), OUTCOME_DONE);
    assert_int_equal(outcome(-ECANCELED, STOP_TIME_OVER, 2, 2, false), OUTCOME_DONE);
    assert_int_equal(outcome(-ECANCELED, STOP_TIME_OVER, 1, 2, false), OUTCOME_ALONE);
    assert_int_equal(outcome(-ECANCELED, STOP_INTERRUPTED, 1, 2, false), OUTCOME_INTERRUPTED);
    assert_int_equal(outcome(-ECANCELED, STOP_INTERRUPTED, 2, 2, false), OUTCOME_DONE);
    static const int ends[] = {0, -ECANCELED, -EHOSTUNREACH, -EPERM, -ENOMEM};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        assert_int_equal(outcome(ends[i], STOP_NONE, 3, 2, true), OUTCOME_EXCEEDED);
}

static void failures_have_their_codes(void **state)
{
    (void)state;
    assert_int_equal(outcome(-EHOSTUNREACH, STOP_NONE, 0, 0, true), OUTCOME_SERVER);
    assert_int_equal(outcome(-EPROTO, STOP_NONE, 0, 0, false), OUTCOME_SERVER);
    assert_int_equal(outcome(-EAGAIN, STOP_NONE, 0, 0, true), OUTCOME_SERVER);
    assert_int_equal(outcome(-ENOSPC, STOP_NONE, 0, 0, true), OUTCOME_SERVER);
    assert_int_equal(outcome(-EPERM, STOP_NONE, 1, 0, false), OUTCOME_REFUSED);
    assert_int_equal(outcome(-ENOMEM, STOP_NONE, 1, 0, false), OUTCOME_FAILED);
    assert_int_equal(outcome(-EIO, STOP_NONE, 0, 0, false), OUTCOME_FAILED);
}

/* The numbers are a promise; each has a word and a meaning. */
static void codes_do_not_change(void **state)
{
    (void)state;
    static const struct {
        int code;
        const char *name;
    } promised[] = {{0, "met"},     {1, "alone"},  {2, "usage"},    {3, "unreachable"},
                    {4, "refused"}, {5, "failed"}, {6, "exceeded"}, {130, "interrupted"}};
    assert_int_equal(reunion_client.outcome_count, sizeof promised / sizeof *promised);
    for (size_t i = 0; i < reunion_client.outcome_count; i++) {
        assert_int_equal(reunion_client.outcomes[i].code, promised[i].code);
        assert_string_equal(outcome_name(&reunion_client, (enum outcome)promised[i].code),
                            promised[i].name);
        assert_true(strlen(reunion_client.outcomes[i].meaning) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_depends_on_what_was_met),
        cmocka_unit_test(an_expected_count_is_met_missed_or_exceeded),
        cmocka_unit_test(failures_have_their_codes),
        cmocka_unit_test(codes_do_not_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
