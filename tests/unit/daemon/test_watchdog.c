#include "lib/test.h"

#include <semaphore.h>
#include <stdatomic.h>

#include "daemon/watchdog.h"

static atomic_bool fine;
static atomic_uint asked, reported;
static sem_t asking;

static bool works(void *context, int timeout_ms)
{
    (void)context;
    (void)timeout_ms;
    atomic_fetch_add(&asked, 1);
    sem_post(&asking);
    return atomic_load(&fine);
}

static void tell(void *context)
{
    (void)context;
    atomic_fetch_add(&reported, 1);
}

static void wait_for_questions(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        while (sem_wait(&asking))
            ;
}

static void it_tells_only_while_all_is_well(void **state)
{
    struct watchdog watchdog = {0};
    (void)state;
    watchdog_stop(&watchdog);
    sem_init(&asking, 0, 0);
    atomic_store(&fine, true);
    assert_int_equal(watchdog_start(&watchdog, 1, works, tell, NULL), 0);
    wait_for_questions(3);
    watchdog_stop(&watchdog);
    assert_int_equal(atomic_load(&reported), atomic_load(&asked));

    atomic_store(&reported, 0);
    atomic_store(&fine, false);
    assert_int_equal(watchdog_start(&watchdog, 1, works, tell, NULL), 0);
    wait_for_questions(3);
    watchdog_stop(&watchdog);
    assert_int_equal(atomic_load(&reported), 0);
    sem_destroy(&asking);
}

static void a_stop_does_not_wait_for_the_interval(void **state)
{
    struct watchdog watchdog;
    (void)state;
    sem_init(&asking, 0, 0);
    assert_int_equal(watchdog_start(&watchdog, 86400000, works, tell, NULL), 0);
    wait_for_questions(1);
    watchdog_stop(&watchdog);
    sem_destroy(&asking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_only_while_all_is_well),
        cmocka_unit_test(a_stop_does_not_wait_for_the_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
