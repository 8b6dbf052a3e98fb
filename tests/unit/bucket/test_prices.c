#include "booth.h"

#include <string.h>

#include "bucket/cache.h"

/* What is asked of those who post, and what T1s have paid, by the table. */

enum { CAPACITY = 8, FREE = 16, HOUR_S = 3600 };

static struct booth booth;

static int set_up(void **state)
{
    (void)state;
    booth_open(&booth, CAPACITY);
    booth.table.rules.t1_free = FREE;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    booth_close(&booth);
    return 0;
}

/* Stage a new T1 with a stamp of an effort. Returns: table_stage_t1's result. */
static int join(uint32_t effort, bool keyed, int64_t now_s, struct t1_entry **standing)
{
    struct booth_t1 t1;
    struct t1_entry *unused;
    booth_t1(&booth, &t1, keyed);
    t1.draft.stamp = (struct stamp){.hour = stamp_hour(now_s), .effort = effort};
    return table_stage_t1(&booth.table, &booth.batch, &t1.draft, booth.batch.count, now_s,
                          standing ? standing : &unused);
}

static void join_many(uint32_t count, int64_t now_s)
{
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(join(1 << 20, true, now_s, NULL), 0);
}

static void work_is_asked_for_beyond_what_is_free(void **state)
{
    (void)state;
    for (int i = 0; i < FREE; i++) {
        assert_int_equal(table_price_t1(&booth.table, &booth.table.rendezvous.common, NOON_S), 0);
        assert_int_equal(join(0, true, NOON_S, NULL), 0);
    }
    assert_int_equal(table_price_t1(&booth.table, &booth.table.rendezvous.common, NOON_S), 16);
    assert_int_equal(join(0, true, NOON_S, NULL), -EPERM);
    assert_int_equal(join(15, true, NOON_S, NULL), -EPERM);
    assert_int_equal(join(16, true, NOON_S, NULL), 0);
    /* One half-life later half of it is left. */
    assert_int_equal(
        table_price_t1(&booth.table, &booth.table.rendezvous.common, NOON_S + PRICE_HALF_LIFE_S),
        0);
    assert_int_equal(table_free_t1_s(&booth.table, &booth.table.rendezvous.common, NOON_S),
                     1 + (int)(PRICE_HALF_LIFE_S * 0.0874628)); /* log2(17 / 16) */
}

static void what_is_not_committed_was_not_there(void **state)
{
    (void)state;
    join_many(FREE + 3, NOON_S);
    booth_rollback(&booth);
    assert_int_equal(table_price_t1(&booth.table, &booth.table.rendezvous.common, NOON_S), 0);
    join_many(FREE, NOON_S);
    booth_publish(&booth);
    assert_int_equal(table_price_t1(&booth.table, &booth.table.rendezvous.common, NOON_S), 16);
}

static void whoever_stands_is_asked_for_nothing(void **state)
{
    (void)state;
    struct booth_t1 t1;
    booth_t1(&booth, &t1, true);
    assert_int_equal(booth_stage(&booth, &t1, NOON_S), 0);
    join_many(FREE, NOON_S);
    assert_int_equal(booth_stage(&booth, &t1, NOON_S), -EEXIST);
}

/* A client that names a full bucket goes elsewhere; it must not work for that answer. */
static void a_full_bucket_is_reported_before_work_is_asked_for(void **state)
{
    (void)state;
    struct booth_t1 t1;
    booth_t1(&booth, &t1, true);
    assert_int_equal(booth_stage(&booth, &t1, NOON_S), 0);
    join_many(FREE, NOON_S);
    booth_publish(&booth);
    struct bucket *first = booth_bucket(&booth, &t1);
    struct booth_t1 late;
    booth_t1(&booth, &late, true);
    late.draft.bucket_hash = first->bucket_hash;
    assert_int_equal(booth_stage(&booth, &late, NOON_S), -ENOSPC);
    late.draft.bucket_hash = booth.table.rendezvous.newest->bucket_hash;
    assert_int_equal(booth_stage(&booth, &late, NOON_S), -EPERM);
    assert_int_equal(booth.batch.count, 0);
}

static void keyless_t1s_are_refused_unless_the_operator_takes_them(void **state)
{
    (void)state;
    join_many(FREE, NOON_S);
    assert_int_equal(join(0, false, NOON_S, NULL), -EPERM);
    booth.table.rules.keyless_unpaid = true;
    assert_int_equal(join(0, false, NOON_S, NULL), 0);
    assert_int_equal(join(0, true, NOON_S, NULL), -EPERM);
}

static void with_0_nothing_is_ever_asked(void **state)
{
    (void)state;
    booth.table.rules.t1_free = 0;
    for (int i = 0; i < 200; i++)
        assert_int_equal(join(0, true, NOON_S, NULL), 0);
    assert_int_equal(table_price_t1(&booth.table, &booth.table.rendezvous.common, NOON_S), 0);
    assert_int_equal(table_free_t1_s(&booth.table, &booth.table.rendezvous.common, NOON_S), 0);
    assert_int_equal(links_price(&booth.links, NOON_S), 0);
}

static int leave_link(uint32_t effort, int64_t now_s)
{
    uint8_t blob[LINK_BLOB_BYTES];
    struct bucket *standing;
    random_fill(&booth.random, blob, sizeof blob);
    return links_stage(&booth.links, &booth.batch, blob, effort, now_s, &standing);
}

static void links_have_a_price_of_their_own_by_window(void **state)
{
    (void)state;
    for (int i = 0; i < PRICE_FREE_LINKS; i++)
        assert_int_equal(leave_link(0, NOON_S), 0);
    assert_int_equal(leave_link(0, NOON_S), -EPERM);
    assert_int_equal(leave_link(16, NOON_S), 0);
    booth_rollback(&booth);
    assert_int_equal(links_price(&booth.links, NOON_S), 0);
    for (int i = 0; i < 2 * PRICE_FREE_LINKS; i++)
        assert_int_equal(leave_link(1 << 20, NOON_S), 0);
    assert_int_equal(links_price(&booth.links, NOON_S), 32);
    assert_int_equal(table_price_t1(&booth.table, &booth.table.rendezvous.common, NOON_S), 0);
    int64_t next_s = NOON_S + links_free_s(&booth.links, NOON_S);
    assert_int_equal(next_s % booth.table.rules.open_window_s, 0);
    assert_int_equal(links_price(&booth.links, next_s - 1), 32);
    assert_int_equal(links_price(&booth.links, next_s), 0);
    assert_int_equal(leave_link(0, next_s), 0);
}

static uint32_t in_class(unsigned class, int64_t now_s)
{
    uint32_t classes[STAMP_CLASSES];
    place_classes(&booth.table.rendezvous.common, now_s, classes);
    return classes[class];
}

static void classes_are_counted_while_hours_pass(void **state)
{
    (void)state;
    booth.table.rules.t1_free = 0;
    assert_int_equal(join(0, true, NOON_S, NULL), 0);
    assert_int_equal(join(1, true, NOON_S, NULL), 0);
    assert_int_equal(join(2048, true, NOON_S, NULL), 0);
    assert_int_equal(join(4095, true, NOON_S, NULL), 0);
    assert_int_equal(in_class(12, NOON_S), 0); /* nothing is visible yet */
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S), 0);
    booth_publish(&booth);
    assert_int_equal(in_class(0, NOON_S), 1);
    assert_int_equal(in_class(1, NOON_S), 1);
    assert_int_equal(in_class(12, NOON_S), 2);
    assert_int_equal(in_class(0, NOON_S + HOUR_S), 2);
    assert_int_equal(in_class(11, NOON_S + HOUR_S), 2);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 11 * HOUR_S), 0);
    booth_publish(&booth);
    assert_int_equal(in_class(1, NOON_S + 11 * HOUR_S), 2);
    assert_int_equal(in_class(0, NOON_S + 12 * HOUR_S), 4);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 25 * HOUR_S), 0);
    booth_publish(&booth);
    for (unsigned class = 0; class < STAMP_CLASSES; class ++)
        assert_int_equal(in_class(class, NOON_S + 25 * HOUR_S), 0);
}

static struct stamp stamp_of(uint32_t effort, int64_t now_s)
{
    return (struct stamp){.nonce = {1}, .hour = stamp_hour(now_s), .effort = effort};
}

static void raises_replace_what_was_paid(void **state)
{
    (void)state;
    struct t1_entry *t1;
    struct stamp better = stamp_of(2048, NOON_S), best = stamp_of(8192, NOON_S);
    booth.table.rules.t1_free = 0;
    assert_int_equal(join(1500, true, NOON_S, &t1), 0);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S), 0);
    booth_publish(&booth);
    assert_int_equal(table_stage_raise(&booth.table, &booth.batch, t1, &better, NOON_S), -EEXIST);
    assert_int_equal(table_stage_raise(&booth.table, &booth.batch, t1, &best, NOON_S), 0);
    assert_int_equal(t1->stamp.effort, 1500); /* not to be seen before it is committed */
    booth_rollback(&booth);
    assert_int_equal(t1->staged.effort, 1500);
    /* Two raises in one batch. */
    better.effort = 3000;
    assert_int_equal(table_stage_raise(&booth.table, &booth.batch, t1, &better, NOON_S), 0);
    assert_int_equal(table_stage_raise(&booth.table, &booth.batch, t1, &better, NOON_S), -EEXIST);
    assert_int_equal(table_stage_raise(&booth.table, &booth.batch, t1, &best, NOON_S), 0);
    batch_rollback(&booth.batch, 1);
    assert_int_equal(t1->staged.effort, 3000);
    assert_int_equal(table_stage_raise(&booth.table, &booth.batch, t1, &best, NOON_S), 0);
    booth_publish(&booth);
    assert_int_equal(t1->stamp.effort, 8192);
    assert_int_equal(in_class(14, NOON_S), 1);
    assert_int_equal(in_class(11, NOON_S) + in_class(12, NOON_S), 0);
    assert_int_equal(t1->bucket->pins, 0);
    assert_int_equal(booth.table.stock.amount, 1);
}

static void a_first_stamp_may_come_later(void **state)
{
    (void)state;
    struct t1_entry *t1;
    const struct stamp stamp = stamp_of(64, NOON_S);
    assert_int_equal(join(0, true, NOON_S, &t1), 0);
    assert_int_equal(table_stage_raise(&booth.table, &booth.batch, t1, &stamp, NOON_S), 0);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S), 0);
    booth_publish(&booth);
    assert_int_equal(in_class(7, NOON_S), 1);
    assert_int_equal(in_class(0, NOON_S), 0);
}

/* After a start the stock is what the buckets' ages make likely. */
static void a_start_takes_up_the_price_again(void **state)
{
    (void)state;
    const struct bucket_id id = {NOON_S, 0, {0}};
    uint64_t hashes[CAPACITY] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct stamp stamps[CAPACITY] = {[3] = stamp_of(2048, NOON_S)};
    struct bucket *bucket;
    int64_t now_s = NOON_S + 1800;
    assert_int_equal(table_load_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, &id, false, &bucket),
                     0);
    assert_int_equal(table_note_evicted(&booth.table, bucket, hashes, CAPACITY), 0);
    table_note_paid(&booth.table, bucket, stamps, CAPACITY, now_s);
    booth.table.rules.t1_free = 6;
    assert_int_equal(table_price_t1(&booth.table, &booth.table.rendezvous.common, now_s),
                     16); /* 8 * 2^-(900 / 2400) = 6.2 */
    booth.table.rules.t1_free = 7;
    assert_int_equal(table_price_t1(&booth.table, &booth.table.rendezvous.common, now_s), 0);
    assert_int_equal(in_class(12, now_s), 1);
    assert_int_equal(in_class(11, NOON_S + HOUR_S), 1); /* another hour has begun */
    assert_int_equal(in_class(0, now_s), CAPACITY - 1);
}

/* What is asked for counts in each place, and opening one more costs when very many live. */
static void each_place_has_a_price_of_its_own(void **state)
{
    static const uint8_t cafe[ID_BYTES] = {1};
    struct booth_t1 t1;
    (void)state;
    booth.table.rules.places_max = booth.table.rules.buckets_max = 1000;
    join_many(FREE, NOON_S);
    assert_int_equal(table_price_t1(&booth.table, table_place(&booth.table, NULL), NOON_S), 16);
    assert_int_equal(table_price_t1(&booth.table, table_place(&booth.table, cafe), NOON_S), 0);
    for (uint32_t i = 0; i <= PRICE_FREE_PLACES; i++) {
        uint8_t tag[ID_BYTES] = {1, (uint8_t)i, (uint8_t)(i >> 8)};
        booth_t1(&booth, &t1, true);
        t1.draft.place = tag;
        assert_int_equal(booth_stage(&booth, &t1, NOON_S), i < PRICE_FREE_PLACES ? 0 : -EPERM);
        booth_publish(&booth);
    }
    assert_int_equal(table_price_t1(&booth.table, NULL, NOON_S), 16);
    booth_t1(&booth, &t1, true);
    t1.draft.place = cafe;
    assert_int_equal(booth_stage(&booth, &t1, NOON_S), 0); /* it lives: the first of them */
    booth_rollback(&booth);
    assert_int_equal(table_price_t1(&booth.table, table_place(&booth.table, cafe), NOON_S), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(work_is_asked_for_beyond_what_is_free, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_place_has_a_price_of_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_committed_was_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whoever_stands_is_asked_for_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_bucket_is_reported_before_work_is_asked_for, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(keyless_t1s_are_refused_unless_the_operator_takes_them,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_0_nothing_is_ever_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_have_a_price_of_their_own_by_window, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(classes_are_counted_while_hours_pass, set_up, tear_down),
        cmocka_unit_test_setup_teardown(raises_replace_what_was_paid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_first_stamp_may_come_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_start_takes_up_the_price_again, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("bucket/prices", tests, NULL, NULL);
}
