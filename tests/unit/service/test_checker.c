#include "lib/test.h"

#include <semaphore.h>

#include "service/checker.h"

/* Turns and bounds of checking, with jobs that wait until the test lets them go. */

enum { JOBS = CHECKER_QUEUE_MAX + 8 };

struct numbered {
    struct check_job job;
    int number;
};

static struct numbered jobs[JOBS];
static struct checker checker;
static sem_t begun, go, handled;
static int order[JOBS];
static int order_count;

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore))
        ;
}

static void handle(void *context, struct check_job *job)
{
    (void)context;
    sem_post(&begun);
    wait_for(&go);
    order[order_count++] = ((struct numbered *)job)->number;
    sem_post(&handled);
}

static int set_up(void **state)
{
    (void)state;
    sem_init(&begun, 0, 0);
    sem_init(&go, 0, 0);
    sem_init(&handled, 0, 0);
    order_count = 0;
    for (int i = 0; i < JOBS; i++)
        jobs[i].number = i;
    assert_int_equal(checker_start(&checker, handle, NULL), 0);
    return 0;
}

static void let_go(int count)
{
    for (int i = 0; i < count; i++)
        sem_post(&go);
    for (int i = 0; i < count; i++)
        wait_for(&handled);
}

static void submit(int number, uint64_t client)
{
    assert_int_equal(checker_submit(&checker, &jobs[number].job, client), 0);
}

static void clients_have_a_turn_each(void **state)
{
    (void)state;
    submit(0, 1);
    wait_for(&begun); /* being checked; what comes now waits */
    for (int i = 1; i < 5; i++)
        submit(i, 1);
    submit(5, 2);
    submit(6, 3);
    submit(7, 2);
    let_go(8);
    const int wanted[] = {0, 1, 5, 6, 2, 7, 3, 4};
    for (int i = 0; i < 8; i++)
        assert_int_equal(order[i], wanted[i]);
    checker_stop(&checker);
}

static void one_client_cannot_fill_the_line(void **state)
{
    (void)state;
    submit(0, 1);
    wait_for(&begun);
    for (int i = 1; i <= CHECKER_QUEUE_MAX; i++)
        submit(i, 1);
    assert_int_equal(checker_submit(&checker, &jobs[CHECKER_QUEUE_MAX + 1].job, 1), -ENOSPC);
    submit(CHECKER_QUEUE_MAX + 1, 2);
    let_go(CHECKER_QUEUE_MAX + 2);
    assert_int_equal(order[2], CHECKER_QUEUE_MAX + 1);
    checker_stop(&checker);
}

static void what_waits_is_handled_before_the_end(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        submit(i, (uint64_t)i);
    for (int i = 0; i < 3; i++)
        sem_post(&go);
    checker_stop(&checker);
    assert_int_equal(order_count, 3);
    checker_stop(&checker); /* of one that has ended nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(clients_have_a_turn_each, set_up),
        cmocka_unit_test_setup(one_client_cannot_fill_the_line, set_up),
        cmocka_unit_test_setup(what_waits_is_handled_before_the_end, set_up),
    };
    return cmocka_run_group_tests_name("service/checker", tests, NULL, NULL);
}
