#include "lib/test.h"

#include <time.h>

#include "base/clock.h"

static int64_t always_42(void *state)
{
    return *(int64_t *)state;
}

static int64_t never_called(void *state)
{
    (void)state;
    fail();
    return 0;
}

static void a_given_clock_is_asked(void **state)
{
    (void)state;
    int64_t now = 42;
    const struct clock_source wall = {always_42, never_called, &now};
    const struct clock_source monotonic = {never_called, always_42, &now};
    assert_int_equal(clock_wall_s(&wall), 42);
    assert_int_equal(clock_monotonic_ms(&monotonic), 42);
}

static void the_system_clock_tells_unix_time(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL);
    int64_t reported = clock_wall_s(&clock_system);
    /* time() may lag the precise clock by a tick, hence the second in front. */
    assert_in_range(reported, before, before + 3600);
}

static void monotonic_time_does_not_step_back(void **state)
{
    (void)state;
    int64_t last = clock_monotonic_ms(&clock_system);
    for (int i = 0; i < 1000; i++) {
        int64_t next = clock_monotonic_ms(&clock_system);
        assert_true(next >= last);
        last = next;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_given_clock_is_asked),
        cmocka_unit_test(the_system_clock_tells_unix_time),
        cmocka_unit_test(monotonic_time_does_not_step_back),
    };
    return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
