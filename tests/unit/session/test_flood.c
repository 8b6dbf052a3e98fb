/* Buckets full of junk: two people meet as long as their budget of work allows. */
#include <stdio.h>
#include <string.h>

#include "admission/stamp.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "guest.h"
#include "lib/fake_session.h"
#include "lib/test.h"
#include "session/budget.h"

/* A quarter of a budget is kept for those who come later. */
enum { JUNK = 192, BUCKETS = 3, BUDGET = (JUNK + 1) * 4 / 3 + 1 };

static struct fake_time fake_time;
static struct memory_server server;
static struct guest guests[2];

static int begin(void **state)
{
    (void)state;
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    memory_server_open(&server, &fake_time);
    fake_session_actions = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    return fake_session_open == 0 ? 0 : -1;
}

/* Junk that costs work: a T1 with a good beta, in the newest bucket. */
static void junk_t1(size_t which, uint8_t id[static ID_BYTES])
{
    uint8_t t1[RECORD_T1_BYTES] = {1, (uint8_t)which, (uint8_t)(which >> 8)};
    hash_bytes(id, t1, sizeof t1);
    memory_server_put_t1(&server, server.bucket_count - 1, t1);
}

/* Fill buckets, newest last, with T1s and with T2s and T3s of theirs to everybody who stands. */
static void flood(void)
{
    const uint8_t everybody[ID_BYTES] = {0}, body[RECORD_BODY_BYTES] = {3};
    for (size_t i = 0; i < JUNK; i++) {
        uint8_t id[ID_BYTES];
        if (i % (JUNK / BUCKETS) == 0)
            memory_server_add_bucket(&server);
        junk_t1(i, id);
        memory_server_put(&server, 0, RECORD_T3, id, everybody, body);
        memory_server_put(&server, 0, RECORD_T2, id, everybody, body);
    }
    memory_server_add_bucket(&server);
}

/* T2s and T3s in the names of T1s that stand nowhere. */
static void flood_of_letters(size_t bucket)
{
    const uint8_t everybody[ID_BYTES] = {0}, body[RECORD_BODY_BYTES] = {3};
    for (size_t i = 0; i < JUNK; i++) {
        const uint8_t nowhere[ID_BYTES] = {7, (uint8_t)i};
        memory_server_put(&server, bucket, RECORD_T3, nowhere, everybody, body);
        if (i % 2)
            memory_server_put(&server, bucket, RECORD_T2, nowhere, everybody, body);
    }
}

static void come(size_t which, size_t budget)
{
    guest_prepare(&guests[which], &server, "jelly", which ? "from Bob" : "from Alice");
    guests[which].settings.actions_max = budget;
    guests[which].settings.bounds.sequence_max = MEMORY_BUCKETS; /* all of one second here */
    guest_start(&guests[which]);
}

static void take_turns(size_t count)
{
    for (size_t turn = 0; turn < 2 * JUNK + 40; turn++)
        for (size_t i = 0; i < count; i++)
            guest_steps(&guests[i], 1);
}

static void assert_met_and_leave(bool met)
{
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(guests[i].message_count, met);
        guest_leave(&guests[i]);
    }
}

enum moment { BEFORE_BOTH, BETWEEN, AFTER_ONE_LOOKED, WHILE_BOTH };

static void session_in_a_flood(enum moment moment, size_t budget)
{
    if (moment == BEFORE_BOTH)
        flood();
    come(0, budget);
    guest_steps(&guests[0], 4);
    if (moment == BETWEEN)
        flood();
    if (moment == AFTER_ONE_LOOKED) {
        take_turns(1);
        flood();
    }
    come(1, budget);
    if (moment == WHILE_BOTH) {
        guest_steps(&guests[1], 3);
        flood();
    }
    take_turns(2);
}

static void whenever_the_flood_comes_they_meet(void **state)
{
    for (enum moment moment = BEFORE_BOTH; moment <= WHILE_BOTH; moment++) {
        begin(state);
        session_in_a_flood(moment, BUDGET);
        assert_met_and_leave(true);
    }
}

/* Both together do no more than their budgets, and say so once. */
static void the_budget_is_what_counts(void **state)
{
    (void)state;
    int64_t began_ms = fake_time.monotonic_ms;
    session_in_a_flood(BETWEEN, 10);
    assert_int_equal(guests[1].reported[SESSION_CROWDED], 1);
    size_t hours = (size_t)((fake_time.monotonic_ms - began_ms) / (3600 * 1000)) + 1;
    assert_in_range(fake_session_actions, 10, 2 * (10 + hours * 10 / BUDGET_HOURS + 1));
    for (size_t i = 0; i < 2; i++)
        guest_leave(&guests[i]);
}

/* Letters of nobody cost no work, and take nothing away from the budget. */
static void letters_of_nobody_cost_no_budget(void **state)
{
    (void)state;
    come(0, BUDGET);
    guest_steps(&guests[0], 4);
    flood_of_letters(0);
    flood();
    come(1, BUDGET);
    take_turns(2);
    assert_met_and_leave(true);
}

/* A T1 with that number: junk of which another byte makes the beta none. */
static void put_junk(size_t number, size_t beta, bool valid, const uint8_t *asks)
{
    uint8_t t1[RECORD_T1_BYTES] = {9, (uint8_t)beta, (uint8_t)(beta >> 8)}, id[ID_BYTES];
    const uint8_t body[RECORD_BODY_BYTES] = {4};
    t1[FAKE_T1_INVALID_AT] = !valid;
    t1[100] = (uint8_t)number;
    t1[101] = (uint8_t)(number >> 8);
    if (number % BUCKET_CAPACITY == 0)
        memory_server_add_bucket(&server);
    memory_server_put_t1(&server, server.bucket_count - 1, t1);
    hash_bytes(id, t1, sizeof t1);
    if (asks)
        memory_server_put(&server, 0, RECORD_T2, id, asks, body);
}

/* Both step until they have met. Returns: how many turns that took. */
static size_t turns_to_meet(size_t at_most)
{
    size_t turn = 0;
    while (turn < at_most && !(guests[0].message_count && guests[1].message_count)) {
        guest_steps(&guests[0], 1);
        guest_steps(&guests[1], 1);
        turn++;
    }
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(guests[i].message_count, 1);
    return turn;
}

enum { USUAL = BUDGET_USUAL };

/* T1s without a beta cost neither actions nor budget, nor many turns. */
static void random_t1s_cost_nothing(void **state)
{
    (void)state;
    come(0, USUAL);
    guest_steps(&guests[0], 4);
    for (size_t i = 0; i < 3136; i++)
        put_junk(i, i, false, NULL);
    memory_server_add_bucket(&server);
    come(1, USUAL);
    assert_in_range(turns_to_meet(40), 1, 40);
    assert_int_equal(fake_session_actions, 2);
    assert_int_equal(guests[0].reported[SESSION_CROWDED] + guests[1].reported[SESSION_CROWDED], 0);
    assert_met_and_leave(true);
}

/* So many who ask Alice for an answer, without having a beta; Bob knows her bucket, which may have
 * no room for him. */
static void asking_costs_nothing_either(void **state)
{
    for (int full = 0; full < 2; full++) {
        begin(state);
        come(0, USUAL);
        guest_steps(&guests[0], 4);
        for (size_t i = 0; i < 4200; i++)
            put_junk(i, i, false, server.t1s[0].id);
        memory_server_add_bucket(&server);
        if (full)
            server.capacity = 1;
        guest_prepare(&guests[1], &server, "jelly", "from Bob");
        guests[1].settings.named = &server.buckets[0].place;
        guests[1].settings.bounds.sequence_max = MEMORY_BUCKETS;
        guest_start(&guests[1]);
        assert_in_range(turns_to_meet(60), 1, 60);
        assert_int_equal(fake_session_actions, 2);
        assert_met_and_leave(true);
    }
}

/* A beta that was made once costs each of us one action, however many T1s it comes in. */
static void a_copied_beta_costs_one_action(void **state)
{
    (void)state;
    come(0, USUAL);
    guest_steps(&guests[0], 4);
    for (size_t i = 0; i < 126 * 8; i++)
        put_junk(i, i % 126, true, server.t1s[0].id);
    memory_server_add_bucket(&server);
    come(1, USUAL);
    turns_to_meet(400);
    assert_in_range(fake_session_actions, 2, 2 * (126 + 1));
    take_turns(2);
    assert_in_range(fake_session_actions, 2 * 126, 2 * (126 + 1));
    assert_met_and_leave(true);
}

/* Copying somebody's beta does not shut them out. */
static void who_is_copied_is_met(void **state)
{
    (void)state;
    come(0, USUAL);
    guest_steps(&guests[0], 4);
    for (uint8_t i = 1; i < 200; i++) {
        uint8_t copy[RECORD_T1_BYTES];
        memcpy(copy, server.t1s[0].bytes, sizeof copy);
        copy[100] = i;
        memory_server_put_t1(&server, 0, copy);
    }
    memory_server_add_bucket(&server);
    come(1, USUAL);
    turns_to_meet(40);
    assert_met_and_leave(true);
}

enum { CROWD = 300, PAID = 16 };

/* What a T1 has paid, or (`found` false) is only said to have. */
static void pay(struct memory_t1 *t1, uint32_t effort, bool found)
{
    struct stamp_subject subject = {.kind = STAMP_KIND_T1, .challenge = {7}};
    t1->stamp =
        (struct transport_stamp){.stamp = {.hour = stamp_hour(fake_time.wall_s), .effort = effort}};
    memcpy(t1->stamp.challenge, subject.challenge, sizeof subject.challenge);
    memcpy(t1->stamp.stamp.nonce, t1->id, STAMP_NONCE_BYTES);
    if (!found)
        return;
    struct stamp_search search;
    const struct stamp_goal goal = {.effort = effort};
    struct stop_source stop = fake_time_stop(&fake_time);
    memcpy(subject.record, t1->id, sizeof subject.record);
    assert_int_equal(stamp_search_open(&search, &subject, &random_system), 0);
    assert_int_equal(stamp_search_run(&search, &goal, UINT64_MAX, &stop), 0);
    memcpy(t1->stamp.stamp.nonce, search.best_nonce, STAMP_NONCE_BYTES);
    stamp_search_close(&search);
}

/* Alice, who has paid nothing, is asked by a crowd with good betas, which says that it has paid
 * `crowd_effort` each. Bob, who knows her bucket, comes and pays. Returns: how many actions it
 * takes from then on until they have met. */
static size_t actions_to_meet_in_a_crowd(uint32_t crowd_effort, bool bob_pays)
{
    come(0, USUAL);
    guest_steps(&guests[0], 4);
    for (size_t i = 0; i < CROWD; i++) {
        put_junk(i, i, true, server.t1s[0].id);
        pay(&server.t1s[server.t1_count - 1], crowd_effort, false);
    }
    memory_server_add_bucket(&server);
    guest_prepare(&guests[1], &server, "jelly", "from Bob");
    guests[1].settings.named = &server.buckets[0].place;
    guests[1].settings.bounds.sequence_max = MEMORY_BUCKETS;
    guest_start(&guests[1]);
    guest_steps(&guests[1], 4);
    if (bob_pays)
        pay(&server.t1s[server.t1_count - 1], PAID, true);
    size_t before = fake_session_actions;
    turns_to_meet(2 * CROWD);
    size_t actions = fake_session_actions - before;
    assert_met_and_leave(true);
    return actions;
}

/* Who has paid is next, and so is who has not, if others only say that they have. */
static void who_pays_comes_first(void **state)
{
    (void)state;
    assert_in_range(actions_to_meet_in_a_crowd(0, true), 1, 8);
}

static void a_false_stamp_counts_for_nothing(void **state)
{
    (void)state;
    assert_in_range(actions_to_meet_in_a_crowd(1 << 20, true), 1, 8);
}

/* Who has paid nothing is reached all the same, as every T1 of the crowd is worked on once. */
static void who_does_not_pay_is_reached(void **state)
{
    (void)state;
    assert_in_range(actions_to_meet_in_a_crowd(0, false), 1, CROWD + 2);
}

/* A server that says now and then that a place is lost gets no more work out of us. */
static void a_lost_feed_does_not_renew_the_budget(void **state)
{
    (void)state;
    enum { SMALL = 40 };
    for (size_t i = 0; i < 1024; i++)
        put_junk(i, i, true, NULL);
    server.lose_every = 3;
    come(0, SMALL);
    int64_t began_ms = fake_time.monotonic_ms;
    guest_steps(&guests[0], 600);
    assert_true(guests[0].reported[SESSION_LOST] > 50);
    int64_t hours = (fake_time.monotonic_ms - began_ms) / (3600 * 1000) + 1;
    assert_in_range(fake_session_actions, SMALL, SMALL + (size_t)hours * SMALL / BUDGET_HOURS);
    guest_leave(&guests[0]);
}

static int64_t estimated_ms, worked_t1s;

static void note_estimate(void *state, const struct session_event *event)
{
    (void)state;
    if (event->kind == SESSION_PROGRESS && event->met > 0 && event->queued > 0)
        assert_true(event->left_ms >= 0);
    if (event->kind == SESSION_LONG_WORK) {
        estimated_ms = event->left_ms;
        worked_t1s = (int64_t)event->met;
        assert_true(event->queued > 0);
    }
}

/* A T1 takes a second here, by a clock that is read before, in the midst of and after each. */
static int64_t slow_ms(void *state)
{
    struct fake_time *time = state;
    return time->monotonic_ms += 500;
}

static void long_work_is_announced_with_an_estimate(void **state)
{
    (void)state;
    flood();
    guest_prepare(&guests[0], &server, "jelly", "from Alice");
    guests[0].clock.monotonic_ms = slow_ms;
    guests[0].settings.event = note_estimate;
    guest_start(&guests[0]);
    guest_steps(&guests[0], 20);
    assert_in_range(worked_t1s, 1, 2); /* told as soon as it can be known */
    assert_in_range(estimated_ms, (JUNK - 2) * 1000, (JUNK + 2) * 1000);
    guest_leave(&guests[0]);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
#define FLOOD(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        FLOOD(whenever_the_flood_comes_they_meet),
        FLOOD(the_budget_is_what_counts),
        FLOOD(letters_of_nobody_cost_no_budget),
        FLOOD(random_t1s_cost_nothing),
        FLOOD(asking_costs_nothing_either),
        FLOOD(a_copied_beta_costs_one_action),
        FLOOD(who_is_copied_is_met),
        FLOOD(who_pays_comes_first),
        FLOOD(a_false_stamp_counts_for_nothing),
        FLOOD(who_does_not_pay_is_reached),
        FLOOD(a_lost_feed_does_not_renew_the_budget),
        FLOOD(long_work_is_announced_with_an_estimate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
