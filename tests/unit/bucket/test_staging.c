#include "booth.h"

#include <string.h>

static struct booth booth;
static struct booth_t1 ada, bob, guest;

static struct bucket *newest(void)
{
    return table_newest(&booth.table, &booth.table.rendezvous.common, NOON_S);
}

static int set_up(void **state)
{
    (void)state;
    booth_open(&booth, 3);
    booth_t1(&booth, &ada, true);
    booth_t1(&booth, &bob, true);
    booth_t1(&booth, &guest, false);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    booth_close(&booth);
    return 0;
}

/* All three stand visibly in one bucket. */
static struct bucket *everybody_in(void)
{
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), 0);
    assert_int_equal(booth_stage(&booth, &bob, NOON_S), 0);
    assert_int_equal(booth_stage(&booth, &guest, NOON_S), 0);
    booth_publish(&booth);
    return booth_bucket(&booth, &ada);
}

static int stage_record(struct bucket *bucket, enum record_kind kind, const struct booth_t1 *sender,
                        const struct booth_t1 *addressee, uint8_t body)
{
    return booth_send(&booth, bucket, kind, sender, addressee, body);
}

static void staged_is_not_seen_but_counts(void **state)
{
    struct bucket *found;
    (void)state;
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), 0);
    struct bucket *bucket = booth_bucket(&booth, &ada);
    assert_null(table_find_t1(&booth.table, ada.draft.id, NOON_S));
    assert_null(newest());
    assert_int_equal(table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, bucket->bucket_hash,
                                       NOON_S, &found),
                     -ENOENT);
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), -EEXIST);
    booth_publish(&booth);
    assert_non_null(table_find_t1(&booth.table, ada.draft.id, NOON_S));
    assert_ptr_equal(newest(), bucket);
    assert_int_equal(table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, bucket->bucket_hash,
                                       NOON_S, &found),
                     0);
    assert_int_equal(bucket->content->feed_length, 1);
}

static void a_rollback_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), 0);
    assert_int_equal(booth_stage(&booth, &guest, NOON_S), 0);
    struct bucket *bucket = booth_bucket(&booth, &ada);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &guest, 1), 0);
    assert_int_equal(stage_record(bucket, RECORD_T2, &guest, NULL, 1), 0);
    booth_rollback(&booth);
    assert_null(booth_bucket(&booth, &ada));
    assert_null(booth.table.rendezvous.newest);
    assert_int_equal(booth.table.bucket_count, 0);
    assert_int_equal(booth.table.t1_by_id.count, 0);
}

static void a_rollback_keeps_what_stood(void **state)
{
    struct bucket *bucket = everybody_in();
    (void)state;
    assert_int_equal(stage_record(bucket, RECORD_T2, &guest, NULL, 1), 0);
    booth_publish(&booth);
    for (uint8_t round = 0; round < 5; round++) {
        assert_int_equal(stage_record(bucket, RECORD_T2, &guest, NULL, 2), 0);
        assert_int_equal(stage_record(bucket, RECORD_T2, &guest, NULL, 3), -ENOSPC);
        assert_int_equal(stage_record(bucket, RECORD_T3, &ada, &bob, round), 0);
        booth_rollback(&booth);
    }
    assert_int_equal(bucket->content->feed_length, 4);
    assert_int_equal(bucket->content->records.count, 1);
}

static void keys_decide_whose_a_t1_is(void **state)
{
    (void)state;
    everybody_in();
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), -EEXIST);
    ada.draft.key_hash[31] ^= 1;
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), -EACCES);
    ada.draft.keyed = false; /* as the reference's endpoints post it: a set */
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), -EEXIST);
    guest.draft.keyed = true;
    assert_int_equal(booth_stage(&booth, &guest, NOON_S), -EACCES);
}

static void a_full_bucket_closes_and_the_next_opens(void **state)
{
    struct bucket *first = everybody_in();
    struct booth_t1 late;
    (void)state;
    assert_true(first->closed);
    booth_t1(&booth, &late, true);
    late.draft.bucket_hash = first->bucket_hash;
    assert_int_equal(booth_stage(&booth, &late, NOON_S), -ENOSPC);
    late.draft.bucket_hash = NULL;
    assert_int_equal(booth_stage(&booth, &late, NOON_S), 0);
    booth_publish(&booth);
    struct bucket *second = booth_bucket(&booth, &late);
    assert_true(second->id.created == NOON_S && second->id.sequence == 1);
    assert_ptr_equal(newest(), second);
    assert_ptr_equal(table_older(&booth.table, second, NOON_S), first);
}

static void the_window_is_exact(void **state)
{
    struct bucket *first;
    struct booth_t1 late;
    (void)state;
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), 0);
    booth_publish(&booth);
    first = booth_bucket(&booth, &ada);
    bob.draft.bucket_hash = first->bucket_hash;
    assert_int_equal(booth_stage(&booth, &bob, NOON_S + 3600), -EBUSY);
    assert_int_equal(booth_stage(&booth, &bob, NOON_S + 3599), 0);
    booth_publish(&booth);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 3599), 0);
    assert_int_equal(booth.batch.count, 0);
    assert_int_equal(table_next_event_s(&booth.table, NOON_S), NOON_S + 3600);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 3600), 0);
    booth_publish(&booth);
    assert_true(first->closed);
    assert_int_equal(table_next_event_s(&booth.table, NOON_S), NOON_S + 86400);
    /* What is closed stays closed when the clock steps back. */
    booth_t1(&booth, &late, true);
    late.draft.bucket_hash = first->bucket_hash;
    assert_int_equal(booth_stage(&booth, &late, NOON_S), -EBUSY);
}

/* A bucket is of the window that is now, wherever in it its first T1 comes. */
static void windows_are_on_a_grid(void **state)
{
    (void)state;
    booth.table.rendezvous.window_s = 600;
    assert_int_equal(booth_stage(&booth, &ada, NOON_S + 1799), 0);
    assert_int_equal(booth_stage(&booth, &bob, NOON_S + 1800), 0);
    booth_publish(&booth);
    assert_true(booth_bucket(&booth, &ada)->id.created == NOON_S + 1200);
    assert_true(booth_bucket(&booth, &bob)->id.created == NOON_S + 1800);
    assert_true(booth_bucket(&booth, &bob)->id.sequence == 0);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 1800), 0);
    booth_publish(&booth);
    assert_true(booth_bucket(&booth, &ada)->closed && !booth_bucket(&booth, &bob)->closed);
}

/* What a server of before has left takes no more T1s, though it is younger than the window that is
 * open, and dies in its time. */
static void buckets_off_the_grid_live_out_their_lives(void **state)
{
    const struct bucket_id before = {NOON_S - 1, 3, {0}}, late = {NOON_S + 10, 0, {0}};
    struct bucket *bucket, *old;
    (void)state;
    assert_int_equal(
        table_load_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, &before, false, &bucket), 0);
    assert_int_equal(table_load_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, &late, false, &old),
                     0);
    assert_false(bucket_is_open(old, &booth.table.rules, NOON_S + 20));
    ada.draft.bucket_hash = old->bucket_hash;
    assert_int_equal(booth_stage(&booth, &ada, NOON_S + 20), -EBUSY);
    ada.draft.bucket_hash = NULL;
    assert_int_equal(booth_stage(&booth, &ada, NOON_S + 20), 0);
    booth_publish(&booth);
    assert_true(booth_bucket(&booth, &ada)->id.created == NOON_S);
    assert_int_equal(booth_stage(&booth, &bob, NOON_S + 20), 0);
    booth_publish(&booth);
    assert_ptr_equal(booth_bucket(&booth, &bob), booth_bucket(&booth, &ada));
    assert_ptr_equal(booth.table.rendezvous.newest, old);
    assert_ptr_equal(newest(), old);
    assert_ptr_equal(table_older(&booth.table, old, NOON_S), booth_bucket(&booth, &ada));
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 3600), 0);
    booth_publish(&booth);
    assert_true(old->closed && booth_bucket(&booth, &ada)->closed && bucket->closed);
    assert_int_equal(table_next_event_s(&booth.table, NOON_S), NOON_S - 1 + 86400);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    booth_publish(&booth);
    assert_int_equal(booth.table.bucket_count, 1);
    assert_ptr_equal(booth.table.rendezvous.newest, old);
    assert_null(booth.table.rendezvous.common.current);
}

/* Places have windows, numbers and room of their own, and nobody writes from one into another. */
static void places_are_apart(void **state)
{
    static const uint8_t cafe[ID_BYTES] = {1}, park[ID_BYTES] = {2}, pier[ID_BYTES] = {3};
    struct bucket *common = everybody_in();
    struct booth_t1 t1s[5];
    (void)state;
    for (size_t i = 0; i < 5; i++)
        booth_t1(&booth, &t1s[i], true);
    t1s[0].draft.place = t1s[1].draft.place = cafe;
    t1s[2].draft.place = park;
    t1s[3].draft.place = pier;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(booth_stage(&booth, &t1s[i], NOON_S), 0);
    assert_int_equal(booth_stage(&booth, &t1s[3], NOON_S), -EUSERS);
    booth_publish(&booth);
    struct bucket *there = booth_bucket(&booth, &t1s[0]), *other = booth_bucket(&booth, &t1s[2]);
    assert_ptr_equal(booth_bucket(&booth, &t1s[1]), there);
    assert_ptr_not_equal(there, other);
    assert_true(there->id.created == NOON_S && there->id.sequence == 0 && other->id.sequence == 0);
    assert_memory_not_equal(there->bucket_hash, common->bucket_hash, ID_BYTES);
    assert_memory_not_equal(there->bucket_hash, other->bucket_hash, ID_BYTES);
    assert_ptr_equal(table_newest(&booth.table, table_place(&booth.table, cafe), NOON_S), there);
    assert_null(table_older(&booth.table, there, NOON_S));
    assert_null(table_newest(&booth.table, table_place(&booth.table, pier), NOON_S));
    assert_ptr_equal(newest(), common);
    /* A bucket that is named is looked for in the place that is. */
    t1s[4].draft.bucket_hash = there->bucket_hash;
    assert_int_equal(booth_stage(&booth, &t1s[4], NOON_S), -ENOENT);
    t1s[4].draft.place = cafe;
    assert_int_equal(booth_stage(&booth, &t1s[4], NOON_S), 0);
    booth_publish(&booth);
    assert_int_equal(stage_record(there, RECORD_T2, &t1s[1], &t1s[0], 1), 0);
    assert_int_equal(stage_record(there, RECORD_T2, &ada, &t1s[0], 1), -EXDEV);
    assert_int_equal(stage_record(there, RECORD_T3, &t1s[2], &t1s[0], 1), -EXDEV);
    assert_int_equal(stage_record(common, RECORD_T2, &t1s[0], &ada, 1), -EXDEV);
    booth_rollback(&booth);
    /* A place goes with its last bucket. */
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    booth_publish(&booth);
    assert_true(booth.table.rendezvous.places.count == 0 && booth.table.bucket_count == 0);
    assert_null(table_place(&booth.table, cafe));
    assert_int_equal(booth_stage(&booth, &t1s[3], NOON_S + 86400), 0);
    booth_rollback(&booth);
    assert_int_equal(booth.table.rendezvous.places.count, 0);
}

static void a_request_opens_one_bucket_at_most(void **state)
{
    struct booth_t1 t1s[8];
    struct t1_entry *standing;
    (void)state;
    everybody_in();
    for (size_t i = 0; i < 8; i++)
        booth_t1(&booth, &t1s[i], false);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(
            table_stage_t1(&booth.table, &booth.batch, &t1s[i].draft, 0, NOON_S, &standing),
            i < 3 ? 0 : -EDQUOT);
    booth_publish(&booth);
    assert_int_equal(booth.table.bucket_count, 2);
}

/* Those without keys do not fill a bucket, and open none while there is one. */
static void keyless_t1s_have_a_share_of_a_bucket(void **state)
{
    struct booth_t1 late[2];
    (void)state;
    booth.table.rules.keyless_max = 1;
    booth_t1(&booth, &late[0], false);
    booth_t1(&booth, &late[1], false);
    assert_int_equal(booth_stage(&booth, &guest, NOON_S), 0);
    assert_int_equal(booth_stage(&booth, &late[0], NOON_S), -EDQUOT);
    booth_rollback(&booth);
    assert_int_equal(booth_stage(&booth, &late[0], NOON_S), 0);
    booth_publish(&booth);
    assert_int_equal(booth_stage(&booth, &guest, NOON_S), -EDQUOT);
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), 0);
    assert_int_equal(booth_stage(&booth, &bob, NOON_S), 0);
    booth_publish(&booth);
    assert_int_equal(booth.table.bucket_count, 1);
    assert_int_equal(booth_stage(&booth, &guest, NOON_S), 0);
    assert_int_equal(booth_stage(&booth, &late[1], NOON_S), -EDQUOT);
    assert_int_equal(booth_bucket(&booth, &guest)->id.sequence, 1);
}

static void the_lifetime_is_exact(void **state)
{
    struct bucket *bucket = everybody_in(), *found;
    uint8_t bucket_hash[ID_BYTES];
    (void)state;
    memcpy(bucket_hash, bucket->bucket_hash, ID_BYTES);
    assert_int_equal(table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, bucket_hash,
                                       NOON_S + 86399, &found),
                     0);
    assert_int_equal(table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, bucket_hash,
                                       NOON_S + 86400, &found),
                     -EKEYEXPIRED);
    assert_null(table_find_t1(&booth.table, ada.draft.id, NOON_S + 86400));
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    booth_rollback(&booth); /* the store has failed: it is tried again */
    assert_int_equal(
        table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, bucket_hash, NOON_S, &found), 0);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    /* The same T1 in a new life, in the commit that ends its old one. */
    assert_int_equal(booth_stage(&booth, &ada, NOON_S + 86400), 0);
    booth_publish(&booth);
    assert_int_equal(
        table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, bucket_hash, NOON_S, &found),
        -EKEYEXPIRED);
    assert_int_equal(booth.table.bucket_count, 1);
    assert_int_equal(booth.table.t1_by_id.count, 1);
    assert_non_null(table_find_t1(&booth.table, ada.draft.id, NOON_S + 86400));
}

static void ids_do_not_follow_a_clock_that_steps_back_a_little(void **state)
{
    (void)state;
    everybody_in();
    struct booth_t1 late;
    booth_t1(&booth, &late, true);
    assert_int_equal(booth_stage(&booth, &late, NOON_S - AHEAD_S_MAX), 0);
    struct bucket *bucket = booth_bucket(&booth, &late);
    assert_true(bucket->id.created == NOON_S && bucket->id.sequence == 1);
}

static void one_record_for_each_place(void **state)
{
    struct bucket *bucket = everybody_in();
    (void)state;
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &bob, 1), 0);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &bob, 1), -EEXIST);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &bob, 2), -EBUSY);
    assert_int_equal(stage_record(bucket, RECORD_T3, &ada, &bob, 2), 0);
    assert_int_equal(stage_record(bucket, RECORD_T2, &bob, &ada, 2), 0);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &ada, 1), -ELOOP);
    booth_publish(&booth);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &bob, 1), -EEXIST);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &bob, 2), -EBUSY);
}

static void a_keyless_t1_gets_several_t3s_of_one_sender(void **state)
{
    struct bucket *bucket = everybody_in();
    (void)state;
    for (uint8_t body = 1; body <= 3; body++)
        assert_int_equal(stage_record(bucket, RECORD_T3, &ada, &guest, body), 0);
    assert_int_equal(stage_record(bucket, RECORD_T3, &ada, &guest, 4), -EBUSY);
    assert_int_equal(stage_record(bucket, RECORD_T3, &ada, &guest, 2), -EEXIST);
    assert_int_equal(stage_record(bucket, RECORD_T3, &bob, &guest, 4), 0);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &guest, 1), 0);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &guest, 2), -EBUSY);
}

static void the_addressee_stands_in_the_bucket(void **state)
{
    struct bucket *first = everybody_in();
    struct booth_t1 late, nobody;
    (void)state;
    booth_t1(&booth, &late, true);
    booth_t1(&booth, &nobody, true);
    assert_int_equal(booth_stage(&booth, &late, NOON_S), 0);
    booth_publish(&booth);
    struct bucket *second = booth_bucket(&booth, &late);
    assert_int_equal(stage_record(first, RECORD_T2, &late, &ada, 1), 0);
    assert_int_equal(stage_record(second, RECORD_T2, &late, &ada, 1), -ENOENT);
    assert_int_equal(stage_record(second, RECORD_T2, &ada, &late, 1), 0);
    assert_int_equal(stage_record(first, RECORD_T2, &ada, &nobody, 1), -ENOENT);
}

/* Whatever came first, entries are walked through by a keyed hash of theirs, from any place on. */
static void what_is_visible_has_an_order_of_its_own(void **state)
{
    struct bucket *bucket = everybody_in();
    struct content *content = bucket->content;
    struct walk walk;
    const struct entry *entry;
    uint64_t orders[64], last = 0;
    size_t count = 0;
    (void)state;
    booth.table.rules.keyless_t3_max = 64;
    for (uint8_t body = 1; body <= 40; body++) {
        assert_int_equal(stage_record(bucket, RECORD_T3, &ada, &guest, body), 0);
        booth_publish(&booth); /* in a commit of its own */
    }
    assert_int_equal(content->feed_length, 43);
    walk_begin(&walk, content, NULL);
    while ((entry = walk_next(&walk))) {
        assert_true(entry->order == entry_order(entry, booth.table.index_key));
        assert_true(count == 0 || entry->order > last);
        assert_ptr_equal(content->feed[entry->position], entry);
        orders[count++] = last = entry->order;
    }
    assert_int_equal(count, 43);
    for (size_t i = 0; i < count; i++) {
        walk_begin(&walk, content, &orders[i]);
        entry = walk_next(&walk);
        assert_true(i + 1 < count ? entry->order == orders[i + 1] : !entry);
    }
    /* Of those that came in turn, as many stand before the next as behind it, nearly. */
    size_t ascents = 0;
    for (size_t i = 1; i < count; i++)
        ascents += content->feed[i]->order > content->feed[i - 1]->order;
    assert_in_range(ascents, 8, 34);
}

/* However many places are opened, the common one has buckets left. */
static void places_do_not_take_the_last_buckets(void **state)
{
    struct booth_t1 t1s[8];
    uint8_t tags[8][ID_BYTES] = {{0}};
    (void)state;
    booth.table.rules.places_max = 100;
    booth.table.rules.buckets_max = 8;
    for (uint8_t i = 0; i < 8; i++) {
        tags[i][0] = (uint8_t)(i + 1);
        booth_t1(&booth, &t1s[i], true);
        t1s[i].draft.place = tags[i];
        assert_int_equal(booth_stage(&booth, &t1s[i], NOON_S), i < 6 ? 0 : -EMFILE);
        booth_publish(&booth);
    }
    /* Nor does a place that is there. */
    t1s[7].draft.place = tags[0];
    assert_int_equal(booth_stage(&booth, &t1s[7], NOON_S + 3600), -EMFILE);
    for (int hour = 0; hour < 3; hour++) {
        struct booth_t1 common;
        booth_t1(&booth, &common, true);
        assert_int_equal(booth_stage(&booth, &common, NOON_S + hour * 3600),
                         hour < 2 ? 0 : -EMFILE);
        booth_publish(&booth);
    }
}

static void no_more_buckets_than_may_live(void **state)
{
    struct booth_t1 late[2];
    (void)state;
    booth.table.rules.buckets_max = 2;
    everybody_in();
    booth_t1(&booth, &late[0], true);
    assert_int_equal(booth_stage(&booth, &late[0], NOON_S + 3600), 0);
    booth_publish(&booth);
    booth_t1(&booth, &late[1], true);
    assert_int_equal(booth_stage(&booth, &late[1], NOON_S + 7200), -EMFILE);
    assert_int_equal(booth.batch.count, 0);
    assert_int_equal(booth_stage(&booth, &ada, NOON_S + 7200), -EEXIST);
    /* One that dies in the same commit makes room. */
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    assert_int_equal(booth_stage(&booth, &late[1], NOON_S + 86400), 0);
    booth_rollback(&booth);
    assert_int_equal(booth_stage(&booth, &late[1], NOON_S + 7200), -EMFILE);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    assert_int_equal(booth_stage(&booth, &late[1], NOON_S + 86400), 0);
    booth_publish(&booth);
    assert_int_equal(booth.table.bucket_count, 2);
    assert_int_equal(booth.table.expiring_count, 0);
}

static void nothing_is_added_to_a_full_table(void **state)
{
    struct bucket *bucket = everybody_in();
    struct booth_t1 late;
    (void)state;
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &bob, 1), 0);
    booth_publish(&booth);
    booth.table.full = true;
    booth_t1(&booth, &late, true);
    assert_int_equal(booth_stage(&booth, &late, NOON_S), -EFBIG);
    assert_int_equal(stage_record(bucket, RECORD_T3, &ada, &bob, 1), -EFBIG);
    assert_int_equal(stage_record(bucket, RECORD_T2, &guest, NULL, 1), -EFBIG);
    assert_int_equal(booth.batch.count, 0);
    /* What stands is acknowledged as ever. */
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), -EEXIST);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &bob, 1), -EEXIST);
    booth.table.full = false;
    assert_int_equal(booth_stage(&booth, &late, NOON_S), 0);
}

static void a_sender_has_only_so_many_records(void **state)
{
    struct bucket *bucket = everybody_in();
    (void)state;
    booth.table.rules.records_per_sender_max = 2;
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &bob, 1), 0);
    assert_int_equal(stage_record(bucket, RECORD_T3, &ada, &bob, 1), 0);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &guest, 1), -EDQUOT);
    /* One number for the store, however many records. */
    assert_int_equal(booth.batch.count, 3);
    booth_rollback(&booth);
    assert_int_equal(bucket->pins, 0);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &guest, 1), 0);
    booth_publish(&booth);
    assert_int_equal(bucket->pins, 0);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &guest, 1), -EEXIST);
    assert_int_equal(stage_record(bucket, RECORD_T2, &ada, &bob, 1), 0);
    assert_int_equal(stage_record(bucket, RECORD_T3, &ada, &bob, 1), -EDQUOT);
    assert_int_equal(stage_record(bucket, RECORD_T2, &guest, NULL, 1), 0);
    assert_int_equal(stage_record(bucket, RECORD_T3, &guest, NULL, 1), 0);
    assert_int_equal(stage_record(bucket, RECORD_T3, &guest, NULL, 2), -EDQUOT);
    assert_int_equal(stage_record(bucket, RECORD_T2, &bob, &ada, 1), 0);
    booth_publish(&booth);
    assert_int_equal(table_sender(&booth.table, ada.draft.id, NOON_S)->records, 2);
}

static void many_expire_in_several_commits(void **state)
{
    (void)state;
    booth.table.rules.capacity = 1;
    for (int i = 0; i < EXPIRED_AT_ONCE + 1; i++) {
        struct booth_t1 t1;
        booth_t1(&booth, &t1, true);
        assert_int_equal(booth_stage(&booth, &t1, NOON_S), 0);
        booth_publish(&booth);
    }
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    booth_publish(&booth);
    assert_int_equal(booth.table.bucket_count, 1);
    assert_true(table_next_event_s(&booth.table, NOON_S) <= NOON_S + 86400);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    booth_publish(&booth);
    assert_int_equal(booth.table.bucket_count, 0);
}

static void t1s_are_listed_by_id(void **state)
{
    struct bucket *bucket = everybody_in();
    (void)state;
    assert_int_equal(bucket->t1_visible, 3);
    for (int i = 1; i < 3; i++)
        assert_true(memcmp(bucket->content->t1[i - 1]->id, bucket->content->t1[i]->id, ID_BYTES) <
                    0);
}

static void only_so_many_dead_links_are_remembered(void **state)
{
    static struct expired_hashes expired;
    uint8_t bucket_hash[ID_BYTES] = {0};
    (void)state;
    for (uint32_t i = 0; i <= EXPIRED_HASHES; i++) {
        memcpy(bucket_hash, &i, sizeof i);
        expired_hashes_add(&expired, bucket_hash);
        assert_true(expired_hashes_have(&expired, bucket_hash));
    }
    memset(bucket_hash, 0, sizeof bucket_hash);
    assert_false(expired_hashes_have(&expired, bucket_hash));
    bucket_hash[0] = 1;
    assert_true(expired_hashes_have(&expired, bucket_hash));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(staged_is_not_seen_but_counts),
        TEST(a_rollback_leaves_nothing),
        TEST(a_rollback_keeps_what_stood),
        TEST(keys_decide_whose_a_t1_is),
        TEST(a_full_bucket_closes_and_the_next_opens),
        TEST(the_window_is_exact),
        TEST(windows_are_on_a_grid),
        TEST(buckets_off_the_grid_live_out_their_lives),
        TEST(places_are_apart),
        TEST(a_request_opens_one_bucket_at_most),
        TEST(keyless_t1s_have_a_share_of_a_bucket),
        TEST(the_lifetime_is_exact),
        TEST(ids_do_not_follow_a_clock_that_steps_back_a_little),
        TEST(one_record_for_each_place),
        TEST(a_keyless_t1_gets_several_t3s_of_one_sender),
        TEST(the_addressee_stands_in_the_bucket),
        TEST(what_is_visible_has_an_order_of_its_own),
        TEST(places_do_not_take_the_last_buckets),
        TEST(no_more_buckets_than_may_live),
        TEST(nothing_is_added_to_a_full_table),
        TEST(a_sender_has_only_so_many_records),
        TEST(many_expire_in_several_commits),
        TEST(t1s_are_listed_by_id),
        cmocka_unit_test(only_so_many_dead_links_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
