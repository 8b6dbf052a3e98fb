/* The flood game: an attacker who has spent as much work on stamps as both honest people together,
 * with any number of T1s of good betas besides, delays two who meet, in the way that is best for
 * the attacker. What is counted is group actions, not seconds; undisturbed, the two need one each.
 *
 * The efforts are a 32nd of real ones, so that thousands of stamps can be found in a test; who is
 * next depends on their ratios alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admission/stamp.h"
#include "base/secret.h"
#include "guest.h"
#include "lib/fake_session.h"
#include "lib/test.h"
#include "session/budget.h"

enum {
    HONEST_EFFORT = 64,           /* of each of the two */
    UNPAID = 300,                 /* T1s of the attacker's that paid nothing */
    PAID_MAX = 2 * HONEST_EFFORT, /* and those that did, at an effort of 1 */
    ROUNDS = 20,
    /* Actions of both together. Each does one while it waits for each of the other's letters, five
     * of them; what is beyond that is the attacker's doing. */
    MEDIAN_MAX = 24,
    NEARLY_ALL_MAX = 32, /* 19 of 20 */
};

static const uint32_t efforts[] = {1, 4, 16, 64, 128};

static struct fake_time fake_time;
static struct memory_server server;
static struct guest guests[2];
static struct memory_t1 hoard[PAID_MAX];
static size_t hoarded;

static void pay(struct memory_t1 *t1, uint32_t effort)
{
    struct stamp_subject subject = {.kind = STAMP_KIND_T1, .challenge = {7}};
    struct stamp_search search;
    const struct stamp_goal goal = {.effort = effort};
    struct stop_source stop = fake_time_stop(&fake_time);
    memcpy(subject.record, t1->id, sizeof subject.record);
    assert_int_equal(stamp_search_open(&search, &subject, &random_system), 0);
    assert_int_equal(stamp_search_run(&search, &goal, UINT64_MAX, &stop), 0);
    t1->stamp.stamp.hour = stamp_hour(fake_time.wall_s);
    t1->stamp.stamp.effort = search.best_effort;
    memcpy(t1->stamp.challenge, subject.challenge, sizeof subject.challenge);
    memcpy(t1->stamp.stamp.nonce, search.best_nonce, STAMP_NONCE_BYTES);
    stamp_search_close(&search);
}

/* A T1 of the attacker's, with a good beta of its own, in the newest bucket. */
static struct memory_t1 *put_junk(size_t number)
{
    const uint8_t t1[RECORD_T1_BYTES] = {9, (uint8_t)number, (uint8_t)(number >> 8)};
    if (number % BUCKET_CAPACITY == 0)
        memory_server_add_bucket(&server);
    memory_server_put_t1(&server, server.bucket_count - 1, t1);
    return &server.t1s[server.t1_count - 1];
}

static void begin_world(void)
{
    fake_time = (struct fake_time){.wall_s = 1800000000, .monotonic_ms = 1000};
    memory_server_open(&server, &fake_time);
    fake_session_actions = 0;
}

/* Spend all on stamps of that effort, before the game. */
static void prepare(uint32_t effort)
{
    begin_world();
    hoarded = PAID_MAX / effort;
    for (size_t i = 0; i < hoarded; i++) {
        struct memory_t1 *t1 = put_junk(i);
        pay(t1, effort);
        hoard[i] = *t1;
    }
}

/* Release everything at once, each with a T2 for Alice. */
static void attack(const uint8_t *alice)
{
    const uint8_t body[RECORD_BODY_BYTES] = {4};
    for (size_t i = 0; i < hoarded + UNPAID; i++) {
        struct memory_t1 *t1 = put_junk(i);
        if (i < hoarded)
            t1->stamp = hoard[i].stamp;
        memory_server_put(&server, 0, RECORD_T2, t1->id, alice, body);
    }
    memory_server_add_bucket(&server);
}

static void come(size_t which, bool named)
{
    guest_prepare(&guests[which], &server, "jelly", which ? "from Bob" : "from Alice");
    guests[which].settings.actions_max = BUDGET_USUAL;
    guests[which].settings.bounds.sequence_max = MEMORY_BUCKETS;
    if (named)
        guests[which].settings.named = &server.buckets[0].place;
    guest_start(&guests[which]);
}

/* Alice is there before the flood, Bob comes after it and knows her bucket or does not; then she
 * has raised her stamp as soon as there was a crowd. Returns: how many actions of both it takes. */
static size_t play(bool named)
{
    begin_world();
    come(0, false);
    guest_steps(&guests[0], 4);
    attack(server.t1s[0].id);
    if (!named)
        pay(&server.t1s[0], HONEST_EFFORT);
    come(1, named);
    guest_steps(&guests[1], 3);
    pay(&server.t1s[server.t1_count - 1], HONEST_EFFORT);
    for (size_t turn = 0; turn < 1000 && !(guests[0].message_count && guests[1].message_count);
         turn++)
        for (size_t i = 0; i < 2; i++)
            guest_steps(&guests[i], 1);
    size_t actions = fake_session_actions;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(guests[i].message_count, 1);
        guest_leave(&guests[i]);
    }
    return actions;
}

static int compare(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return (left > right) - (left < right);
}

static void they_meet_soon(bool named)
{
    for (size_t i = 0; i < sizeof efforts / sizeof *efforts; i++) {
        size_t actions[ROUNDS];
        prepare(efforts[i]);
        for (size_t round = 0; round < ROUNDS; round++)
            actions[round] = play(named);
        qsort(actions, ROUNDS, sizeof *actions, compare);
        printf("%zu stamps of %u: median %zu, 19 of 20 at most %zu actions\n", hoarded, efforts[i],
               actions[ROUNDS / 2], actions[ROUNDS - 2]);
        assert_true(actions[ROUNDS / 2] <= MEDIAN_MAX);
        assert_true(actions[ROUNDS - 2] <= NEARLY_ALL_MAX);
    }
}

static void in_all_buckets(void **state)
{
    (void)state;
    they_meet_soon(false);
}

static void in_a_named_bucket(void **state)
{
    (void)state;
    they_meet_soon(true);
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_all_buckets),
        cmocka_unit_test(in_a_named_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
