#include "lib/test.h"

#include "bucket/waiters.h"

enum { WAITERS = 200 };

struct guest {
    struct waiter waiter;
    int woken;
};

static void wake(struct waiter *waiter)
{
    ((struct guest *)(void *)waiter)->woken++;
}

static struct guest guests[WAITERS];
static struct waiter_list lists[2];
static struct waiters waiters;

static int set_up(void **state)
{
    (void)state;
    LIST_INIT(&lists[0]);
    LIST_INIT(&lists[1]);
    for (int i = 0; i < WAITERS; i++)
        guests[i] = (struct guest){.waiter.wake = wake};
    return waiters_init(&waiters, WAITERS);
}

static int tear_down(void **state)
{
    (void)state;
    waiters_stop(&waiters);
    waiters_free(&waiters);
    return 0;
}

/* Let guest `i` wait in list i % 2. Returns: whether no deadline is earlier. */
static bool seat(int i, int64_t deadline_ms)
{
    bool earliest = false;
    guests[i].waiter.deadline_ms = deadline_ms;
    assert_int_equal(waiters_add(&waiters, &lists[i % 2], &guests[i].waiter, &earliest), 0);
    return earliest;
}

static void deadlines_are_kept_in_any_order(void **state)
{
    struct seeded seeded = seeded_open();
    (void)state;
    for (int i = 0; i < WAITERS; i++)
        seat(i, (int64_t)seeded_below(&seeded, 500));
    waiters_wake(&waiters, &lists[1]);
    for (int64_t now_ms = -1; now_ms < 500; now_ms += 1 + (int64_t)seeded_below(&seeded, 40)) {
        int64_t next_ms = INT64_MAX;
        for (int i = 0; i < WAITERS; i += 2)
            if (guests[i].waiter.deadline_ms > now_ms && guests[i].waiter.deadline_ms < next_ms)
                next_ms = guests[i].waiter.deadline_ms;
        assert_true(waiters_wake_due(&waiters, now_ms) == next_ms);
        for (int i = 0; i < WAITERS; i++)
            assert_int_equal(guests[i].woken, i % 2 == 1 || guests[i].waiter.deadline_ms <= now_ms);
    }
}

static void only_the_list_that_got_something_is_woken(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        seat(i, 100);
    waiters_wake(&waiters, &lists[0]);
    for (int i = 0; i < 10; i++)
        assert_int_equal(guests[i].woken, i % 2 == 0);
    assert_int_equal(waiters_count(&waiters), 5);
    waiters_wake(&waiters, &lists[0]);
    assert_int_equal(guests[0].woken, 1);
}

static void the_earliest_is_reported(void **state)
{
    (void)state;
    assert_true(seat(0, 100));
    assert_false(seat(1, 200));
    assert_true(seat(2, 50));
}

static void no_more_than_the_limit_wait(void **state)
{
    struct guest more = {.waiter.wake = wake};
    struct guest other = {.waiter = {.kind = WAITER_IN_PACKETS, .wake = wake}};
    bool earliest;
    (void)state;
    for (int i = 0; i < WAITERS; i++)
        seat(i, i);
    assert_int_equal(waiters_add(&waiters, &lists[0], &more.waiter, &earliest), -ENOSPC);
    assert_int_equal(waiters_add(&waiters, &lists[0], &other.waiter, &earliest), 0);
    waiters_cancel(&waiters, &other.waiter);
    waiters_wake_due(&waiters, 0);
    assert_int_equal(waiters_add(&waiters, &lists[0], &more.waiter, &earliest), 0);
    waiters_wake(&waiters, &lists[0]);
    assert_int_equal(more.woken, 1);
}

static void one_that_gives_up_is_woken_once(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        seat(i, 100 - i);
    waiters_cancel(&waiters, &guests[7].waiter);
    waiters_cancel(&waiters, &guests[7].waiter);
    waiters_cancel(&waiters, &guests[30].waiter); /* which never waited */
    assert_int_equal(waiters_count(&waiters), 19);
    waiters_wake_due(&waiters, 1000);
    for (int i = 0; i < 20; i++)
        assert_int_equal(guests[i].woken, 1);
    assert_int_equal(guests[30].woken, 0);
}

static void after_the_end_nobody_waits(void **state)
{
    bool earliest;
    (void)state;
    seat(0, INT64_MAX);
    waiters_stop(&waiters);
    assert_int_equal(guests[0].woken, 1);
    assert_int_equal(waiters_add(&waiters, &lists[1], &guests[1].waiter, &earliest), -ECANCELED);
    assert_int_equal(guests[1].woken, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(deadlines_are_kept_in_any_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_list_that_got_something_is_woken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_earliest_is_reported, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_more_than_the_limit_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_gives_up_is_woken_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(after_the_end_nobody_waits, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
