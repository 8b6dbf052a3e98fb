#include "lib/test.h"

#include <string.h>

#include "booth.h"

/* Buckets of the future: the clock was set back, or is wrong now. */

enum { HOUR_S = 3600, DAY_S = 86400, BEHIND_S = NOON_S - 2 * HOUR_S };

static struct booth booth;
static struct booth_t1 ada, bob, carol;

static int set_up(void **state)
{
    (void)state;
    booth_open(&booth, 3);
    booth_t1(&booth, &ada, true);
    booth_t1(&booth, &bob, true);
    booth_t1(&booth, &carol, true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    booth_close(&booth);
    return 0;
}

static struct bucket *come(struct booth_t1 *t1, int64_t now_s)
{
    assert_int_equal(booth_stage(&booth, t1, now_s), 0);
    booth_publish(&booth);
    return booth_bucket(&booth, t1);
}

static void time_goes_on(int64_t now_s)
{
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, now_s), 0);
    booth_publish(&booth);
}

static int find(const uint8_t bucket_hash[static ID_BYTES], int64_t now_s)
{
    struct bucket *found;
    return table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, bucket_hash, now_s, &found);
}

static void it_is_closed_and_a_new_one_opens(void **state)
{
    (void)state;
    struct bucket *ahead = come(&ada, NOON_S);
    assert_false(bucket_is_open(ahead, &booth.table.rules, BEHIND_S));
    assert_int_equal(table_next_event_s(&booth.table, BEHIND_S), BEHIND_S);
    bob.draft.bucket_hash = ahead->bucket_hash;
    assert_int_equal(booth_stage(&booth, &bob, BEHIND_S), -EBUSY);
    bob.draft.bucket_hash = NULL;
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, BEHIND_S), 0);
    struct bucket *current = come(&bob, BEHIND_S);
    assert_true(ahead->closed && !current->closed);
    assert_true(current->id.created == BEHIND_S && current->id.sequence == 0);
    /* The list is in the order of ids, as the store gives it back. */
    assert_ptr_equal(booth.table.rendezvous.newest, ahead);
    assert_ptr_equal(ahead->older, current);
    assert_ptr_equal(current->newer, ahead);
    assert_ptr_equal(booth.table.rendezvous.unclosed, current);
    assert_ptr_equal(come(&carol, BEHIND_S + 1), current);
    /* Nothing more to do until that one closes. */
    assert_int_equal(table_next_event_s(&booth.table, BEHIND_S + 1), BEHIND_S + HOUR_S);
}

static void a_failed_commit_leaves_it_to_be_closed(void **state)
{
    (void)state;
    struct bucket *ahead = come(&ada, NOON_S);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, BEHIND_S), 0);
    assert_int_equal(booth.batch.count, 1);
    booth_rollback(&booth);
    assert_false(ahead->closed);
    assert_int_equal(table_next_event_s(&booth.table, BEHIND_S), BEHIND_S);
    time_goes_on(BEHIND_S);
    assert_true(ahead->closed);
}

static void it_lives_no_longer_than_a_lifetime(void **state)
{
    uint8_t bucket_hash[ID_BYTES];
    (void)state;
    struct bucket *ahead = come(&ada, NOON_S);
    memcpy(bucket_hash, ahead->bucket_hash, ID_BYTES);
    /* Also before anybody has noticed. */
    assert_int_equal(bucket_expires_s(ahead, &booth.table.rules, BEHIND_S), BEHIND_S + DAY_S);
    time_goes_on(BEHIND_S);
    /* A newer one, by which its turn is not the first. */
    come(&bob, BEHIND_S + 3 * HOUR_S);
    time_goes_on(BEHIND_S + 4 * HOUR_S);
    assert_int_equal(table_next_event_s(&booth.table, BEHIND_S + 4 * HOUR_S), BEHIND_S + DAY_S);
    assert_int_equal(find(bucket_hash, BEHIND_S + DAY_S - 1), 0);
    assert_int_equal(find(bucket_hash, BEHIND_S + DAY_S), -EKEYEXPIRED);
    time_goes_on(BEHIND_S + DAY_S);
    assert_int_equal(booth.table.bucket_count, 1);
    assert_int_equal(booth.table.rendezvous.shortened, 0);
    assert_non_null(table_find_t1(&booth.table, bob.draft.id, BEHIND_S + DAY_S));
}

static void ids_go_on_where_those_of_the_future_are_reached(void **state)
{
    (void)state;
    struct bucket *ahead = come(&ada, NOON_S);
    time_goes_on(BEHIND_S);
    struct bucket *next = come(&bob, NOON_S);
    assert_ptr_not_equal(next, ahead);
    assert_true(next->id.created == NOON_S && next->id.sequence == 1);
}

/* As on a machine without a clock of its own, until it has asked for the time. */
static void a_clock_that_began_at_zero_costs_nothing(void **state)
{
    (void)state;
    struct bucket *bucket = come(&ada, NOON_S);
    time_goes_on(1);
    assert_true(bucket->closed);
    assert_int_equal(bucket_expires_s(bucket, &booth.table.rules, 1), 1 + DAY_S);
    time_goes_on(NOON_S + HOUR_S);
    assert_int_equal(find(bucket->bucket_hash, NOON_S + HOUR_S), 0);
    assert_int_equal(bucket_expires_s(bucket, &booth.table.rules, NOON_S + HOUR_S), NOON_S + DAY_S);
    time_goes_on(NOON_S + DAY_S);
    assert_int_equal(booth.table.bucket_count, 0);
}

static void a_minute_back_is_no_matter(void **state)
{
    (void)state;
    struct bucket *bucket = come(&ada, NOON_S);
    assert_ptr_equal(come(&bob, NOON_S - AHEAD_S_MAX), bucket);
    time_goes_on(NOON_S - AHEAD_S_MAX);
    assert_false(bucket->closed);
    time_goes_on(NOON_S - AHEAD_S_MAX - 1);
    assert_true(bucket->closed);
}

static void very_many_are_closed_in_turn(void **state)
{
    (void)state;
    booth.table.rules.capacity = 2;
    for (int i = 0; i < CLOSED_AT_ONCE + 1; i++) {
        struct booth_t1 t1;
        booth_t1(&booth, &t1, true);
        come(&t1, NOON_S + i * HOUR_S);
    }
    time_goes_on(BEHIND_S);
    assert_int_equal(table_next_event_s(&booth.table, BEHIND_S), BEHIND_S);
    time_goes_on(BEHIND_S);
    assert_int_equal(table_next_event_s(&booth.table, BEHIND_S), BEHIND_S + DAY_S);
    assert_null(booth.table.rendezvous.unclosed);
}

static struct bucket *leave(int64_t now_s)
{
    uint8_t blob[LINK_BLOB_BYTES];
    struct bucket *bucket;
    random_fill(&booth.random, blob, sizeof blob);
    assert_int_equal(links_stage(&booth.links, &booth.batch, blob, 0, now_s, &bucket), 0);
    booth_publish(&booth);
    return bucket;
}

static void links_go_to_one_of_now(void **state)
{
    (void)state;
    struct bucket *ahead = leave(NOON_S);
    time_goes_on(BEHIND_S);
    assert_true(ahead->closed);
    struct bucket *current = leave(BEHIND_S);
    assert_ptr_not_equal(current, ahead);
    assert_ptr_equal(leave(BEHIND_S + 1), current);
    time_goes_on(BEHIND_S + DAY_S);
    assert_int_equal(booth.table.bucket_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_closed_and_a_new_one_opens),
        TEST(a_failed_commit_leaves_it_to_be_closed),
        TEST(it_lives_no_longer_than_a_lifetime),
        TEST(ids_go_on_where_those_of_the_future_are_reached),
        TEST(a_clock_that_began_at_zero_costs_nothing),
        TEST(a_minute_back_is_no_matter),
        TEST(very_many_are_closed_in_turn),
        TEST(links_go_to_one_of_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
