/* Meets whose server fails, forgets, lies or refuses. */
#include <string.h>

#include "base/secret.h"
#include "guest.h"
#include "lib/fake_session.h"
#include "lib/test.h"

static struct fake_time fake_time;
static struct memory_server server;
static struct guest guests[4];

static int begin(void **state)
{
    (void)state;
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    memory_server_open(&server, &fake_time);
    fake_session_actions = 0;
    fake_session_opened = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    return fake_session_open == 0 ? 0 : -1;
}

static void both_come(void)
{
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_come(&guests[1], &server, "jelly", "from Bob");
}

static void both_have_met(void)
{
    assert_int_equal(guest_saw(&guests[0], "from Bob"), 1);
    assert_int_equal(guest_saw(&guests[1], "from Alice"), 1);
    assert_int_equal(guests[0].message_count + guests[1].message_count, 2);
}

static void both_leave(void)
{
    guest_leave(&guests[0]);
    guest_leave(&guests[1]);
}

/* At whatever step the server goes away, the two meet once it is back; it is said once. */
static void a_server_that_returns(void **state)
{
    static const int faults[] = {-EHOSTUNREACH, -EAGAIN, -EPROTO};
    for (size_t away_at = 1; away_at < 14; away_at++) {
        for (size_t fault = 0; fault < 3; fault++) {
            begin(state);
            both_come();
            for (size_t i = 0; i < away_at; i++)
                for (size_t g = 0; g < 2; g++)
                    guest_steps(&guests[g], 1);
            server.fail = faults[fault];
            guests_settle(guests, 2);
            size_t calls = server.calls;
            guest_steps(&guests[0], 5);
            assert_in_range(server.calls - calls, 1, 5);
            server.fail = 0;
            guests_settle(guests, 2);
            both_have_met();
            for (size_t g = 0; g < 2; g++) {
                assert_int_equal(guests[g].reported[SESSION_AWAY], 1);
                assert_int_equal(guests[g].reported[SESSION_BACK], 1);
                assert_int_equal(guests[g].reported[SESSION_PLACED], 1);
            }
            both_leave();
        }
    }
}

/* At whatever step the server loses everything, both post the same T1 again and meet, once. */
static void a_server_that_forgets(void **state)
{
    for (size_t wiped_at = 1; wiped_at < 14; wiped_at++) {
        begin(state);
        both_come();
        for (size_t i = 0; i < wiped_at; i++)
            for (size_t g = 0; g < 2; g++)
                guest_steps(&guests[g], 1);
        memory_server_wipe(&server);
        guests_settle(guests, 2);
        both_have_met();
        assert_int_equal(server.t1_count, 2);
        assert_int_equal(fake_session_opened, 2);
        assert_int_equal(fake_session_actions, 2);
        both_leave();
    }
}

/* A bucket's end: fresh T1s, and nothing is shown twice. */
static void a_bucket_that_ends(void **state)
{
    for (size_t expired_at = 4; expired_at < 14; expired_at++) {
        begin(state);
        both_come();
        for (size_t i = 0; i < expired_at; i++)
            for (size_t g = 0; g < 2; g++)
                guest_steps(&guests[g], 1);
        memory_server_expire(&server, 0);
        guests_settle(guests, 2);
        both_have_met();
        assert_int_equal(fake_session_opened, 4);
        for (size_t g = 0; g < 2; g++)
            assert_int_equal(guests[g].reported[SESSION_RENEWED], 1);
        both_leave();
    }
}

static void another_salt_makes_another_session(void **state)
{
    (void)state;
    both_come();
    guests_settle(guests, 2);
    server.traits.salt[0] = 1;
    memory_server_wipe(&server);
    guests_settle(guests, 2);
    both_have_met();
    assert_int_equal(fake_session_opened, 4);
    both_leave();
}

/* Somebody posted our T1 after a wipe, with another key: we need a fresh one. */
static void a_stolen_place_is_left(void **state)
{
    (void)state;
    both_come();
    guests_settle(guests, 2);
    struct memory_t1 stolen = server.t1s[0];
    memory_server_wipe(&server);
    memory_server_put_t1(&server, server.bucket_count - 1, stolen.bytes);
    guests_settle(guests, 2);
    assert_int_equal(guest_saw(&guests[0], "from Bob"), 1);
    assert_int_equal(guest_saw(&guests[1], "from Alice"), 2); /* to him she is a second one */
    assert_int_equal(fake_session_opened, 3);
    both_leave();
}

static void letters_wait_until_they_are_taken(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < 10; i++)
        memory_server_put_t1(&server, 0, (uint8_t[RECORD_T1_BYTES]){i + 1});
    guest_prepare(&guests[0], &server, "jelly", "from Alice");
    guests[0].settings.threads = 10;
    server.fail_send = -EHOSTUNREACH;
    server.send_first = 4;
    guest_start(&guests[0]);
    guest_steps(&guests[0], 6); /* 4 of 10 */
    assert_int_equal(memory_server_count(&server, RECORD_T2, NULL, NULL), 4);
    guest_steps(&guests[0], 1);
    assert_int_equal(memory_server_count(&server, RECORD_T2, NULL, NULL), 8);
    server.fail_send = 0;
    guest_steps(&guests[0], 2);
    assert_int_equal(memory_server_count(&server, RECORD_T2, NULL, NULL), 10);
    size_t sends = server.sends;
    guest_steps(&guests[0], 10);
    assert_int_equal(server.sends, sends);
    guest_leave(&guests[0]);
}

static void refused_letters_are_not_sent_again(void **state)
{
    (void)state;
    server.refuse = true;
    both_come();
    guests_settle(guests, 2);
    assert_in_range(server.sends, 2, 4);
    both_leave();
}

/* First contact. */

static void no_reunion_server_ends_it(void **state)
{
    (void)state;
    server.fail = -EPROTO;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    assert_int_equal(guest_end(&guests[0]), -EPROTO);
    assert_int_equal(server.calls, 1);
    guest_leave(&guests[0]);
}

static void no_server_ends_it_soon(void **state)
{
    (void)state;
    server.fail = -EHOSTUNREACH;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    assert_int_equal(guest_end(&guests[0]), -EHOSTUNREACH);
    assert_in_range(fake_time.waited_ms, 2000, 6000);
    guest_leave(&guests[0]);
}

/* One that tells what holds there and then answers no more is no server we were at; what takes time
 * here, such as opening a session, is not its fault. */
static void who_was_never_listened_to_was_not_reached(void **state)
{
    (void)state;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    assert_false(session_was_reached(guests[0].session));
    for (int step = 0; step < 4; step++) { /* told, opened, placed, surveyed */
        guest_steps(&guests[0], 1);
        assert_true(session_was_reached(guests[0].session));
        guests[0].transport->unanswered = true;
        assert_false(session_was_reached(guests[0].session));
        guests[0].transport->unanswered = false;
    }
    guest_steps(&guests[0], 1);
    guests[0].transport->unanswered = true; /* nothing is new */
    assert_true(session_was_reached(guests[0].session));
    guest_leave(&guests[0]);
}

/* With all the time there is, a server that starts late is waited for, and asked again soon. */
static void a_server_that_starts_late_is_waited_for(void **state)
{
    static const int faults[] = {-EHOSTUNREACH, -EAGAIN};
    for (size_t fault = 0; fault < 2; fault++) {
        begin(state);
        server.fail = faults[fault];
        guest_prepare(&guests[0], &server, "jelly", "from Alice");
        guests[0].settings.start_patience_ms = SESSION_PATIENCE_ENDLESS;
        guest_start(&guests[0]);
        guest_steps(&guests[0], 1000);
        assert_in_range(fake_time.waited_ms, 900 * 1000, 2000 * 1000);
        assert_int_equal(guests[0].reported[SESSION_AWAY], 1);
        assert_int_equal(session_trouble(guests[0].session), faults[fault]);
        server.fail = 0;
        guest_steps(&guests[0], 1);
        assert_int_equal(guests[0].reported[SESSION_BACK], 1);
        assert_int_equal(guests[0].reported[SESSION_PLACED], 0);
        guest_steps(&guests[0], 5);
        assert_int_equal(guests[0].reported[SESSION_PLACED], 1);
        assert_int_equal(guests[0].reported[SESSION_BACK], 1);
        assert_int_equal(session_trouble(guests[0].session), 0);
        guest_leave(&guests[0]);
    }
}

/* What would fail so again ends it at once, whatever the patience. */
static void what_is_certain_is_not_waited_for(void **state)
{
    (void)state;
    server.fail = -EHOSTUNREACH;
    guest_prepare(&guests[0], &server, "jelly", "from Alice");
    guests[0].settings.start_patience_ms = SESSION_PATIENCE_ENDLESS;
    guests[0].transport->certain = true;
    guest_start(&guests[0]);
    assert_int_equal(guest_end(&guests[0]), -EHOSTUNREACH);
    assert_int_equal(fake_time.waited_ms, 0);
    assert_int_equal(guests[0].reported[SESSION_AWAY], 0);
    guest_leave(&guests[0]);
}

static void a_server_that_asks_for_patience_gets_it(void **state)
{
    (void)state;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_steps(&guests[0], 1);
    server.fail = -EAGAIN;
    guests[0].transport->retry_after_ms = 90 * 1000;
    guest_steps(&guests[0], 1);
    guest_steps(&guests[0], 1);
    assert_in_range(fake_time.waited_ms, 90 * 1000, 2 * 90 * 1000);
    assert_int_equal(guests[0].reported[SESSION_AWAY], 1);
    guest_leave(&guests[0]);
}

static void what_is_refused_at_first_ends_it(void **state)
{
    (void)state;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guest_steps(&guests[0], 2);
    server.fail = -EACCES;
    assert_int_equal(guest_end(&guests[0]), -EPERM);
    assert_int_equal(guests[0].reported[SESSION_REFUSED], 1);
    assert_int_equal(guests[0].err, -EACCES);
    guest_leave(&guests[0]);
}

static void a_wrong_bucket_is_refused(void **state)
{
    const struct {
        struct transport_bucket bucket;
        enum bucket_verdict verdict;
    } wrong[] = {
        {{.created = 1800000000, .hash_fits = false}, BUCKET_ELSEWHERE},
        {{.created = 1800000000 - 1, .hash_fits = true}, BUCKET_OFF_GRID},
        {{.created = 1800000301, .hash_fits = true}, BUCKET_IN_FUTURE},
        {{.created = 1800000000 - 3901, .hash_fits = true}, BUCKET_TOO_OLD},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        begin(state);
        server.buckets[0] = wrong[i].bucket;
        guest_come(&guests[0], &server, "jelly", "from Alice");
        assert_int_equal(guest_end(&guests[0]), -EPERM);
        assert_int_equal(guests[0].verdict, wrong[i].verdict);
        assert_int_equal(server.sends, 0);
        guest_leave(&guests[0]);
    }
}

/* Buckets that could not be everybody's are not looked into. */
static void wrong_buckets_of_others_are_passed_over(void **state)
{
    (void)state;
    memory_server_put_t1(&server, 0, (uint8_t[RECORD_T1_BYTES]){1});
    server.buckets[0].hash_fits = false;
    memory_server_add_bucket(&server);
    memory_server_put_t1(&server, 1, (uint8_t[RECORD_T1_BYTES]){2});
    memory_server_add_bucket(&server);
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guests_settle(guests, 1);
    assert_int_equal(fake_session_actions, 1);
    guest_leave(&guests[0]);
}

/* --bucket */

static void name_bucket(struct guest *guest, const struct transport_place *place,
                        const char *message)
{
    guest_prepare(guest, &server, "jelly", message);
    guest->settings.named = place;
    guest_start(guest);
}

static void a_named_bucket_is_the_only_one(void **state)
{
    (void)state;
    memory_server_put_t1(&server, 0, (uint8_t[RECORD_T1_BYTES]){1});
    struct transport_place place = memory_server_add_bucket(&server)->place;
    memory_server_put_t1(&server, 1, (uint8_t[RECORD_T1_BYTES]){2});
    memory_server_add_bucket(&server);
    memory_server_put_t1(&server, 2, (uint8_t[RECORD_T1_BYTES]){3});
    name_bucket(&guests[0], &place, "from Alice");
    guests_settle(guests, 1);
    assert_int_equal(fake_session_actions, 1);
    assert_memory_equal(&guests[0].bucket.place, &place, sizeof place);
    guest_leave(&guests[0]);
}

/* In a place that few use, which a bucket does not change; of the common place nothing is said. */
static void few_in_a_place_are_told_with_a_bucket_too(void **state)
{
    static const struct {
        bool in_place, named;
        uint32_t standing;
        size_t reported;
    } cases[] = {{true, true, 15, 1},  {true, false, 15, 1}, {true, true, 16, 0},
                 {true, false, 16, 0}, {false, true, 2, 0},  {false, false, 2, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(state);
        struct transport_place place = server.buckets[0].place;
        server.traits.place_tag[0] = cases[i].in_place;
        server.buckets[0].count = cases[i].standing;
        name_bucket(&guests[0], cases[i].named ? &place : NULL, "from Alice");
        guests_settle(guests, 1);
        assert_int_equal(guests[0].reported[SESSION_PLACE_SPARSE], cases[i].reported);
        guest_leave(&guests[0]);
    }
}

static void a_full_named_bucket_is_still_worked_through(void **state)
{
    (void)state;
    struct transport_place place = server.buckets[0].place;
    server.capacity = 1;
    guest_come(&guests[0], &server, "jelly", "from Alice");
    guests_settle(guests, 1);
    memory_server_add_bucket(&server);
    name_bucket(&guests[1], &place, "from Bob");
    guests_settle(guests, 2);
    both_have_met();
    assert_int_equal(guests[1].reported[SESSION_NAMED_CLOSED], 1);
    assert_memory_equal(&guests[1].bucket.place, &server.buckets[1].place, sizeof place);
    both_leave();
}

/* Its age is no reason to refuse it: it was passed on by somebody. */
static void an_old_named_bucket_is_good(void **state)
{
    (void)state;
    struct transport_place place = server.buckets[0].place;
    server.buckets[0].created -= 80000;
    name_bucket(&guests[0], &place, "from Alice");
    guest_steps(&guests[0], 10);
    assert_int_equal(guests[0].reported[SESSION_PLACED], 1);
    guest_leave(&guests[0]);
}

static void a_named_bucket_that_is_not_there_ends_it(void **state)
{
    (void)state;
    struct transport_place place = {{42}};
    name_bucket(&guests[0], &place, "from Alice");
    assert_int_equal(guest_end(&guests[0]), -EPERM);
    assert_int_equal(guests[0].err, -ENOENT);
    assert_int_equal(server.t1_count, 0);
    guest_leave(&guests[0]);

    place = server.buckets[0].place;
    memory_server_expire(&server, 0);
    name_bucket(&guests[0], &place, "from Alice");
    assert_int_equal(guest_end(&guests[0]), -EPERM);
    assert_int_equal(guests[0].err, -EKEYEXPIRED);
    guest_leave(&guests[0]);
}

/* Two that named a bucket which is lost with the server find each other elsewhere. */
static void a_named_bucket_that_is_lost_is_replaced_by_all(void **state)
{
    (void)state;
    struct transport_place place = server.buckets[0].place;
    name_bucket(&guests[0], &place, "from Alice");
    name_bucket(&guests[1], &place, "from Bob");
    guest_steps(&guests[0], 4);
    guest_steps(&guests[1], 3);
    memory_server_wipe(&server);
    guests_settle(guests, 2);
    both_have_met();
    both_leave();
}

/* Without buckets nothing is checked, listed or fetched. */
static void one_pool_is_no_bucket(void **state)
{
    (void)state;
    server.traits.has_buckets = false;
    server.buckets[0].hash_fits = false;
    both_come();
    guests_settle(guests, 2);
    both_have_met();
    both_leave();
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
#define TROUBLE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TROUBLE(a_server_that_returns),
        TROUBLE(a_server_that_forgets),
        TROUBLE(a_bucket_that_ends),
        TROUBLE(another_salt_makes_another_session),
        TROUBLE(a_stolen_place_is_left),
        TROUBLE(letters_wait_until_they_are_taken),
        TROUBLE(refused_letters_are_not_sent_again),
        TROUBLE(no_reunion_server_ends_it),
        TROUBLE(no_server_ends_it_soon),
        TROUBLE(who_was_never_listened_to_was_not_reached),
        TROUBLE(a_server_that_starts_late_is_waited_for),
        TROUBLE(what_is_certain_is_not_waited_for),
        TROUBLE(a_server_that_asks_for_patience_gets_it),
        TROUBLE(what_is_refused_at_first_ends_it),
        TROUBLE(a_wrong_bucket_is_refused),
        TROUBLE(wrong_buckets_of_others_are_passed_over),
        TROUBLE(a_named_bucket_is_the_only_one),
        TROUBLE(few_in_a_place_are_told_with_a_bucket_too),
        TROUBLE(a_full_named_bucket_is_still_worked_through),
        TROUBLE(an_old_named_bucket_is_good),
        TROUBLE(a_named_bucket_that_is_not_there_ends_it),
        TROUBLE(a_named_bucket_that_is_lost_is_replaced_by_all),
        TROUBLE(one_pool_is_no_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
