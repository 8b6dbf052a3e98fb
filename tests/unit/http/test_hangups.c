#include "lib/test.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/hangups.h"

enum { PAIRS = 100 };

/* Waiting clients, each a pair of sockets: the client's end and ours. */
struct guest {
    int ends[2];
    atomic_int reported;
};

static struct guest guests[PAIRS];
static struct hangups hangups;
static sem_t reported;

static void hung_up(void *subject)
{
    ((struct guest *)subject)->reported++;
    sem_post(&reported);
}

static int set_up(void **state)
{
    (void)state;
    sem_init(&reported, 0, 0);
    for (int i = 0; i < PAIRS; i++) {
        guests[i].reported = 0;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, guests[i].ends))
            return -1;
    }
    return hangups_start(&hangups, hung_up);
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < PAIRS; i++)
        hangups_forget(&hangups, guests[i].ends[1]);
    hangups_stop(&hangups);
    for (int i = 0; i < PAIRS; i++) {
        close(guests[i].ends[0]);
        close(guests[i].ends[1]);
    }
    sem_destroy(&reported);
    return 0;
}

static void watch(int i)
{
    assert_int_equal(hangups_watch(&hangups, guests[i].ends[1], &guests[i]), 0);
}

/* One is told of a hang-up, and with that all events before it are through. */
static void await(void)
{
    while (sem_wait(&reported))
        ;
}

static void who_hangs_up_is_reported_and_nobody_else(void **state)
{
    (void)state;
    for (int i = 0; i < PAIRS; i++)
        watch(i);
    for (int i = 0; i < PAIRS; i += 2)
        shutdown(guests[i].ends[0], SHUT_RDWR);
    for (int i = 0; i < PAIRS; i += 2)
        await();
    for (int i = 0; i < PAIRS; i++)
        assert_int_equal(guests[i].reported, i % 2 == 0);
}

static void who_has_gone_before_is_reported(void **state)
{
    (void)state;
    shutdown(guests[0].ends[0], SHUT_WR);
    watch(0);
    await();
    assert_int_equal(guests[0].reported, 1);
}

static void what_is_forgotten_is_not_reported(void **state)
{
    (void)state;
    watch(0);
    watch(1);
    hangups_forget(&hangups, guests[0].ends[1]);
    shutdown(guests[0].ends[0], SHUT_RDWR);
    shutdown(guests[1].ends[0], SHUT_RDWR);
    await();
    assert_int_equal(guests[0].reported, 0);
}

/* A client that sends its next request while it waits is there still. */
static void data_is_no_hang_up(void **state)
{
    (void)state;
    watch(0);
    watch(1);
    assert_int_equal(send(guests[0].ends[0], "GET", 3, 0), 3);
    shutdown(guests[1].ends[0], SHUT_RDWR);
    await();
    assert_int_equal(guests[0].reported, 0);
    shutdown(guests[0].ends[0], SHUT_RDWR);
    await();
    assert_int_equal(guests[0].reported, 1);
}

/* It could close its end behind that, and nobody would notice. */
static void who_sends_too_much_ahead_is_reported(void **state)
{
    (void)state;
    uint8_t ahead[HANGUPS_AHEAD_BYTES_MAX + 1] = {0};
    watch(0);
    watch(1);
    assert_int_equal(send(guests[0].ends[0], ahead, sizeof ahead - 1, 0), sizeof ahead - 1);
    shutdown(guests[1].ends[0], SHUT_RDWR);
    await();
    assert_int_equal(guests[0].reported, 0);
    assert_int_equal(send(guests[0].ends[0], ahead, 1, 0), 1);
    await();
    assert_int_equal(guests[0].reported, 1);
    /* What had come before it was watched counts as well. */
    assert_int_equal(send(guests[2].ends[0], ahead, sizeof ahead, 0), sizeof ahead);
    watch(2);
    await();
    assert_int_equal(guests[2].reported, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_hangs_up_is_reported_and_nobody_else, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_has_gone_before_is_reported, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_forgotten_is_not_reported, set_up, tear_down),
        cmocka_unit_test_setup_teardown(data_is_no_hang_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_sends_too_much_ahead_is_reported, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
