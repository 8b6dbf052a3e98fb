/* How long reunion-link tries a server again. */
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "base/secret.h"
#include "lib/fake_time.h"
#include "lib/test.h"
#include "links/retry.h"

static struct fake_time fake_time;
static struct clock_source fake_clock;
static struct stop_source stop;
static struct links_options options;
static struct link_server server;
static struct retry retry;

static int begin(void **state)
{
    (void)state;
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    fake_clock = fake_time_clock(&fake_time);
    stop = fake_time_stop(&fake_time);
    server = (struct link_server){.trouble = "why"};
    retry = (struct retry){.options = &options,
                           .server = "http://127.0.0.1:1",
                           .clock = &fake_clock,
                           .random = &random_system,
                           .stop = &stop};
    return 0;
}

static size_t tries(int err)
{
    size_t count = 0;
    int ending = err;
    while (retry_again(&retry, &server, &ending))
        count++;
    assert_int_equal(ending, err);
    return count;
}

static void half_a_minute_for_each_request(void **state)
{
    (void)state;
    for (int request = 1; request <= 2; request++) {
        assert_in_range(tries(request == 1 ? -EHOSTUNREACH : -EAGAIN), 15, 40);
        assert_int_equal(fake_time.waited_ms, request * RETRY_MS);
        assert_int_equal(retry_end(&retry, -EAGAIN), -EAGAIN);
    }
}

static void what_will_not_change_is_reported_at_once(void **state)
{
    (void)state;
    static const int errors[] = {-EPROTO, -EACCES, -ENOENT, -EKEYEXPIRED, -ENOMEM, -EINVAL};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        assert_int_equal(tries(errors[i]), 0);
    server.certain = true;
    assert_int_equal(tries(-EHOSTUNREACH), 0);
    assert_int_equal(fake_time.waited_ms, 0);
}

static void a_stop_ends_it(void **state)
{
    (void)state;
    int err = -EHOSTUNREACH;
    fake_time.stop = true;
    assert_false(retry_again(&retry, &server, &err));
    assert_int_equal(err, -ECANCELED);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(half_a_minute_for_each_request, begin),
        cmocka_unit_test_setup(what_will_not_change_is_reported_at_once, begin),
        cmocka_unit_test_setup(a_stop_ends_it, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
