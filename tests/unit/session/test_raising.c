/* Raising one's own stamp beside the rest, in a time of its own: a try takes as long as a test
 * says, and nothing passes else but what is waited for. */
#include <string.h>

#include "admission/stamp.h"
#include "base/secret.h"
#include "guest.h"
#include "lib/fake_session.h"
#include "lib/test.h"

enum { TRY_MS = 10, WAIT_MS = 1000, LONG_WAIT_MS = 30 * 1000, EFFORT = 32 };

static struct fake_time fake_time;
static struct memory_server server;
static struct guest guest;
static int64_t tried_ms, stop_at_ms;

/* Who searches asks before each try whether to stop, and nobody else waits for no time. */
static int wait_or_try(void *state, int64_t ms)
{
    struct fake_time *time = state;
    if (time->stop)
        return -ECANCELED;
    time->monotonic_ms += ms > 0 ? ms : TRY_MS;
    time->waited_ms += ms;
    tried_ms += ms > 0 ? 0 : TRY_MS;
    time->stop = time->monotonic_ms >= stop_at_ms;
    return time->stop ? -ECANCELED : 0;
}

static int begin(void **state)
{
    (void)state;
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    stop_at_ms = INT64_MAX;
    memory_server_open(&server, &fake_time);
    server.asked.known = true;
    memset(server.asked.challenge, 0xcc, sizeof server.asked.challenge);
    guest_prepare(&guest, &server, "jelly", "from Alice");
    guest.stop.wait = wait_or_try;
    guest.settings.effort_most = EFFORT;
    return 0;
}

static int end(void **state)
{
    (void)state;
    guest_leave(&guest);
    return fake_session_open == 0 ? 0 : -1;
}

/* Until its T1 stands and it has listened once, when it plans. */
static void come(void)
{
    guest_start(&guest);
    guest_steps(&guest, 5);
    tried_ms = 0;
}

/* Step until the server was asked to raise so many stamps. */
static void wait_for_raises(size_t count)
{
    for (int i = 0; i < 1000 && server.raises < count; i++)
        guest_steps(&guest, 1);
    assert_int_equal(server.raises, count);
}

/* What the stamp that stands is worth, checked as everybody does. */
static uint32_t standing_worth(void)
{
    struct argon2id_memory *memory;
    struct stamp_subject subject = {.kind = STAMP_KIND_T1};
    uint32_t effort = 0;
    memcpy(subject.record, server.t1s[0].id, sizeof subject.record);
    memcpy(subject.challenge, server.asked.challenge, sizeof subject.challenge);
    assert_int_equal(argon2id_open(&memory, STAMP_MEMORY_KIB), 0);
    assert_int_equal(stamp_check(memory, &subject, server.t1s[0].stamp.stamp.nonce, &effort), 0);
    argon2id_close(memory);
    return effort;
}

/* Nobody finds what is searched for here. */
static void a_quarter_of_the_time_is_searched(void **state)
{
    (void)state;
    guest.settings.effort_most = UINT32_C(1) << 31;
    server.classes[STAMP_CLASS_MAX - 1] = 1 << 24;
    come();
    int64_t began_ms = fake_time.monotonic_ms;
    for (int i = 0; i < 30; i++) {
        guest_steps(&guest, 1);
        assert_int_equal(server.wait_ms, WAIT_MS);
    }
    int64_t passed_ms = fake_time.monotonic_ms - began_ms;
    assert_in_range(100 * tried_ms / passed_ms, 22, 30);
    /* After a longer time it is not made up for: others may be waiting. */
    fake_time.monotonic_ms += 10 * 1000;
    int64_t before_ms = tried_ms;
    guest_steps(&guest, 1);
    assert_in_range(tried_ms - before_ms, 400, 600);
    assert_int_equal(server.raises, 0);
}

static void what_is_found_is_posted_and_then_there_is_peace(void **state)
{
    (void)state;
    come();
    wait_for_raises(1);
    assert_true(standing_worth() >= EFFORT);
    int64_t before_ms = tried_ms;
    guest_steps(&guest, 10); /* five minutes, and as many plans */
    assert_int_equal(server.wait_ms, LONG_WAIT_MS);
    assert_in_range(tried_ms - before_ms, 0, 10 * 5 * TRY_MS); /* a stop is asked for, no more */
    assert_int_equal(server.raises, 1);
    assert_int_equal(server.t1_count, 1);
}

/* A stamp counts for half as much each hour; one that was better than it had to be lasts. */
static void it_is_raised_as_it_fades(void **state)
{
    (void)state;
    uint32_t worth = 0;
    uint64_t made = 0;
    size_t raises = 0;
    come();
    for (uint64_t hour = 0; raises < 3; hour++) {
        assert_true(hour < 24); /* once in a million runs or less */
        guest_steps(&guest, 40);
        if (server.raises > raises) {
            assert_true(raises == 0 || stamp_effort_now(worth, made, hour) < EFFORT);
            raises = server.raises;
            worth = standing_worth();
            made = hour;
        }
        assert_true(stamp_effort_now(worth, made, hour) >= EFFORT);
        fake_time.wall_s += STAMP_HOUR_S;
        fake_time.monotonic_ms += STAMP_HOUR_S * 1000;
        server.asked.challenge[0]++;
    }
}

static void a_server_without_stamps_is_asked_for_nothing(void **state)
{
    (void)state;
    server.asked.known = false;
    come();
    guest_steps(&guest, 20);
    assert_int_equal(server.raises, 0);
    assert_int_equal(server.wait_ms, LONG_WAIT_MS);
}

/* Nobody works for a challenge of their own; somebody else is asked again a minute later. */
static void a_challenge_that_others_do_not_know_is_left_alone(void **state)
{
    (void)state;
    server.fail_compare = -EPERM;
    come();
    guest_steps(&guest, 20);
    assert_int_equal(server.raises, 0);
    assert_in_range(tried_ms, 0, 20 * 5 * TRY_MS);
    assert_int_equal(server.wait_ms, LONG_WAIT_MS);
    server.fail_compare = 0;
    wait_for_raises(1);
}

static void what_is_refused_is_tried_again_with_the_next_plan(void **state)
{
    (void)state;
    server.fail_raise = -EDQUOT;
    come();
    wait_for_raises(1);
    guest_steps(&guest, 1);
    assert_int_equal(server.raises, 1);
    server.fail_raise = 0;
    wait_for_raises(2);
    assert_true(standing_worth() >= EFFORT);
}

static void a_search_ends_with_a_stop(void **state)
{
    (void)state;
    guest.settings.effort_most = UINT32_C(1) << 31;
    server.classes[STAMP_CLASS_MAX - 1] = 1 << 24;
    come();
    guest_steps(&guest, 3);
    stop_at_ms = fake_time.monotonic_ms + WAIT_MS + 10 * TRY_MS; /* in the midst of its tries */
    assert_int_equal(guest_end(&guest), -ECANCELED);
    assert_in_range(fake_time.monotonic_ms, stop_at_ms, stop_at_ms + 2 * TRY_MS);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_quarter_of_the_time_is_searched, begin, end),
        cmocka_unit_test_setup_teardown(what_is_found_is_posted_and_then_there_is_peace, begin,
                                        end),
        cmocka_unit_test_setup_teardown(it_is_raised_as_it_fades, begin, end),
        cmocka_unit_test_setup_teardown(a_server_without_stamps_is_asked_for_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_challenge_that_others_do_not_know_is_left_alone, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_is_refused_is_tried_again_with_the_next_plan, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_search_ends_with_a_stop, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
