/* Meets that find each other over a server in memory: who sees what, and what is owed to whom. */
#include <string.h>

#include "base/secret.h"
#include "crypto/hash.h"
#include "guest.h"
#include "lib/fake_session.h"
#include "lib/test.h"

/* Large, so not on the stack. */
static struct fake_time fake_time;
static struct memory_server server;
static struct guest guests[8];

static int begin(void **state)
{
    (void)state;
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    memory_server_open(&server, &fake_time);
    fake_session_actions = 0;
    fake_session_opened = 0;
    fake_session_at_once = 1;
    fake_session_opening = NULL;
    return 0;
}

static int end(void **state)
{
    (void)state;
    return fake_session_open == 0 ? 0 : -1;
}

static void leave_all(size_t count)
{
    for (size_t i = 0; i < count; i++)
        guest_leave(&guests[i]);
}

static void two_with_one_passphrase_meet(void **state)
{
    (void)state;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_come(&guests[1], &server, "jelly", "from Bob");
    guests_settle(guests, 2);
    assert_int_equal(guests[0].message_count, 1);
    assert_int_equal(guest_saw(&guests[0], "from Bob"), 1);
    assert_int_equal(guests[1].message_count, 1);
    assert_int_equal(guest_saw(&guests[1], "from Alice"), 1);
    leave_all(2);
}

static void strangers_see_nothing_but_get_every_answer(void **state)
{
    (void)state;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_come(&guests[1], &server, "donut", "from Bob");
    guests_settle(guests, 2);
    assert_int_equal(guests[0].message_count + guests[1].message_count, 0);
    assert_int_equal(memory_server_count(&server, RECORD_T2, NULL, NULL), 2);
    assert_int_equal(memory_server_count(&server, RECORD_T3, NULL, NULL), 2);
    leave_all(2);
}

/* Eight with three passphrases, in two buckets: each pair exchanges one T2 and T3 each way, and
 * costs each side one group action. */
static void each_of_eight_sees_exactly_its_own(void **state)
{
    (void)state;
    static const char *const passphrases[] = {"one", "two", "three"};
    char message[] = "guest 0";
    for (size_t i = 0; i < 8; i++) {
        if (i == 4)
            memory_server_add_bucket(&server);
        message[6] = (char)('0' + i);
        guest_come(&guests[i], &server, passphrases[i % 3], message);
        guests_settle(guests, i + 1);
    }
    for (size_t i = 0; i < 8; i++) {
        size_t expected = 0;
        for (size_t j = 0; j < 8; j++) {
            message[6] = (char)('0' + j);
            size_t meets = i != j && i % 3 == j % 3;
            assert_int_equal(guest_saw(&guests[i], message), meets);
            expected += meets;
        }
        assert_int_equal(guests[i].message_count, expected);
    }
    assert_int_equal(memory_server_count(&server, RECORD_T2, NULL, NULL), 8 * 7);
    assert_int_equal(memory_server_count(&server, RECORD_T3, NULL, NULL), 8 * 7);
    assert_int_equal(fake_session_actions, 8 * 7);
    leave_all(8);
}

enum { OPENING_MS = 4000 };

static void let_opening_take_its_time(void)
{
    fake_time.monotonic_ms += OPENING_MS;
}

/* How long the next guest waits until nothing is left to do. */
static int64_t waited_by(size_t number)
{
    int64_t before_ms = fake_time.waited_ms;
    guest_come(&guests[number], &server, "jelly", "hello");
    guests_settle(guests, number + 1);
    return fake_time.waited_ms - before_ms;
}

static void several_t1s_wait_for_more_and_one_does_not(void **state)
{
    (void)state;
    fake_session_at_once = 4;
    fake_session_opening = let_opening_take_its_time;
    const int64_t a_part = OPENING_MS / 4;
    for (size_t number = 0; number < 6; number++) {
        /* The second finds one, the fifth four, the last five. */
        bool partial = number == 2 || number == 3;
        int64_t waited_ms = waited_by(number);
        assert_true(partial ? waited_ms >= a_part : waited_ms < a_part);
    }
    leave_all(6);
}

static void records_in_any_order_lead_to_the_same(void **state)
{
    (void)state;
    server.backwards = true;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_steps(&guests[0], 6);
    guest_come(&guests[1], &server, "jelly", "from Bob");
    guest_come(&guests[2], &server, "jelly", "from Carol");
    guests_settle(guests, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(guests[i].message_count, 2);
    leave_all(3);
}

static void two_with_the_same_message_are_two(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        guest_come(&guests[i], &server, "jelly", i ? "same" : "first");
    guests_settle(guests, 3);
    assert_int_equal(guest_saw(&guests[0], "same"), 2);
    leave_all(3);
}

/* Junk T1s, own T1s that come back, T2s of T1s that are nowhere: nothing stops the others. */
static void junk_stops_nobody(void **state)
{
    (void)state;
    uint8_t invalid[RECORD_T1_BYTES] = {1}, invalid_id[ID_BYTES], nowhere[ID_BYTES] = {2};
    uint8_t body[RECORD_BODY_BYTES] = {3}, everybody[ID_BYTES] = {0};
    invalid[FAKE_T1_INVALID_AT] = 1;
    hash_bytes(invalid_id, invalid, sizeof invalid);
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_steps(&guests[0], 5);
    const uint8_t *alice = server.t1s[0].id;
    memory_server_put_t1(&server, 0, invalid);
    memory_server_put(&server, 0, RECORD_T3, nowhere, alice, body);
    memory_server_put(&server, 0, RECORD_T2, nowhere, alice, body);
    memory_server_put(&server, 0, RECORD_T2, invalid_id, alice, body);
    memory_server_put(&server, 0, RECORD_T2, invalid_id, everybody, invalid_id);
    guest_come(&guests[1], &server, "jelly", "from Bob");
    guests_settle(guests, 2);
    assert_int_equal(guest_saw(&guests[0], "from Bob"), 1);
    assert_int_equal(guest_saw(&guests[1], "from Alice"), 1);
    /* The invalid one is owed no T2, but both T2s in its name have their T3; from Bob, the one. */
    assert_int_equal(memory_server_count(&server, RECORD_T2, NULL, invalid_id), 0);
    assert_int_equal(memory_server_count(&server, RECORD_T3, alice, invalid_id), 2);
    assert_int_equal(memory_server_count(&server, RECORD_T3, server.t1s[2].id, invalid_id), 1);
    assert_int_equal(memory_server_count(&server, RECORD_T3, NULL, nowhere), 0);
    leave_all(2);
}

static void the_same_t2_twice_is_answered_once(void **state)
{
    (void)state;
    uint8_t other[RECORD_T1_BYTES] = {1}, id[ID_BYTES], body[RECORD_BODY_BYTES] = {3};
    hash_bytes(id, other, sizeof other);
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_steps(&guests[0], 5);
    memory_server_put_t1(&server, 0, other);
    for (int i = 0; i < 3; i++) {
        memory_server_put(&server, 0, RECORD_T2, id, server.t1s[0].id, body);
        guest_steps(&guests[0], 4);
    }
    assert_int_equal(memory_server_count(&server, RECORD_T3, NULL, id), 1);
    leave_all(1);
}

/* Work limits: whoever is one too many is passed over, and that is said once. */
static void more_than_the_limit_are_passed_over(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < 10; i++)
        memory_server_put_t1(&server, 0, (uint8_t[RECORD_T1_BYTES]){i + 1});
    guest_prepare(&guests[0], &server, "jelly", "from Alice");
    guests[0].settings.actions_max = 4;
    guest_start(&guests[0]);
    guests_settle(guests, 1);
    assert_int_equal(fake_session_actions, 4);
    assert_int_equal(guests[0].reported[SESSION_CROWDED], 1);
    leave_all(1);
}

/* Between two chunks of work the feed is served: who sends a T2 is served before those who only
 * stand there. */
static void a_newcomer_goes_before_those_who_stand(void **state)
{
    (void)state;
    uint8_t newcomer[RECORD_T1_BYTES] = {200}, id[ID_BYTES], body[RECORD_BODY_BYTES] = {3};
    hash_bytes(id, newcomer, sizeof newcomer);
    for (uint8_t i = 0; i < 40; i++)
        memory_server_put_t1(&server, 0, (uint8_t[RECORD_T1_BYTES]){i + 1});
    memory_server_add_bucket(&server);
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_steps(&guests[0], 8);
    size_t before = fake_session_actions;
    assert_in_range(before, 1, 10);
    memory_server_put_t1(&server, 0, newcomer);
    memory_server_put(&server, 1, RECORD_T2, id, server.t1s[40].id, body);
    guest_steps(&guests[0], 3);
    assert_in_range(fake_session_actions, before + 2, before + 3);
    assert_int_equal(memory_server_count(&server, RECORD_T2, NULL, id), 1);
    assert_int_equal(memory_server_count(&server, RECORD_T3, NULL, id), 1);
    leave_all(1);
}

static void work_that_is_cancelled_is_kept(void **state)
{
    (void)state;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_come(&guests[1], &server, "jelly", "from Bob");
    guest_steps(&guests[0], 5);
    guest_steps(&guests[1], 4);
    fake_session_cancel = 1;
    assert_int_equal(session_step(guests[1].session), -ECANCELED);
    guests_settle(guests, 2);
    assert_int_equal(guest_saw(&guests[1], "from Alice"), 1);
    leave_all(2);
}

static void a_stop_ends_it(void **state)
{
    (void)state;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_steps(&guests[0], 5);
    fake_time.stop = true;
    assert_int_equal(guest_end(&guests[0]), -ECANCELED);
    leave_all(1);
}

/* A server that answers at once without anything new gets its pauses. */
static void an_eager_server_does_not_make_us_spin(void **state)
{
    (void)state;
    server.traits.wait_ms_max = 0;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_steps(&guests[0], 1000);
    assert_in_range(fake_time.waited_ms, 250 * 900, 250 * 1000);
    leave_all(1);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
#define MEETING(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        MEETING(two_with_one_passphrase_meet),
        MEETING(strangers_see_nothing_but_get_every_answer),
        MEETING(each_of_eight_sees_exactly_its_own),
        MEETING(several_t1s_wait_for_more_and_one_does_not),
        MEETING(records_in_any_order_lead_to_the_same),
        MEETING(two_with_the_same_message_are_two),
        MEETING(junk_stops_nobody),
        MEETING(the_same_t2_twice_is_answered_once),
        MEETING(more_than_the_limit_are_passed_over),
        MEETING(a_newcomer_goes_before_those_who_stand),
        MEETING(work_that_is_cancelled_is_kept),
        MEETING(a_stop_ends_it),
        MEETING(an_eager_server_does_not_make_us_spin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
