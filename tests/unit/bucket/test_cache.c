#include "booth.h"

#include <stdlib.h>
#include <string.h>

#include "bucket/cache.h"
#include "lib/allocation.h"

static struct booth booth;
static struct booth_t1 ada, bob, guest;

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

/* What a store would give back of a bucket: copies of its visible entries, T1s first, of which the
 * first `without` are left out; for `table`. */
static int copy_content(const struct table *table, const struct content *from, size_t without,
                        struct content **copied)
{
    struct content *content = content_new(table->index_key);
    int err = content ? 0 : -ENOMEM;
    for (size_t round = 0; round < 2; round++)
        for (size_t i = without; !err && i < from->feed_length; i++) {
            const struct entry *entry = from->feed[i];
            const uint8_t *bytes = entry_bytes(entry);
            if ((entry->kind == RECORD_T1) != (round == 0))
                continue;
            if (entry->kind == RECORD_T1) {
                const struct t1_entry *t1 = (const struct t1_entry *)entry; /* its first member */
                struct t1_draft draft = {.bytes = bytes, .keyed = t1->keyed};
                memcpy(draft.id, t1->id, ID_BYTES);
                memcpy(draft.key_hash, t1->key_hash, ID_BYTES);
                err = content_load_t1(content, &draft, table_t1_hash(table, t1->id), t1->records);
            } else {
                uint64_t hash = content_record_hash(table->index_key, entry->kind, bytes);
                err = content_load_record(content, hash, entry->kind, bytes);
            }
        }
    if (err) {
        content_free(content);
        return err;
    }
    *copied = content;
    return 0;
}

/* Let everything go that may. Returns: how many contents that were; the last one is kept as what
 * the store has. */
static struct content *stored;

static size_t trim(const struct bucket *kept)
{
    size_t count = 0;
    size_t max = booth.table.rules.cache_bytes_max;
    booth.table.rules.cache_bytes_max = 0;
    struct content *gone = table_trim(&booth.table, kept);
    booth.table.rules.cache_bytes_max = max;
    for (; gone; count++) {
        struct content *next = gone->next;
        content_free(stored);
        stored = gone;
        gone = next;
    }
    return count;
}

static int bring_back(struct bucket *bucket, size_t without)
{
    struct content *content;
    int err = copy_content(&booth.table, stored, without, &content);
    if (err)
        return err;
    err = table_install(&booth.table, bucket, content);
    if (err)
        content_free(content);
    return err;
}

/* All three stand in a bucket, with a T2. */
static struct bucket *everybody_in(void)
{
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), 0);
    assert_int_equal(booth_stage(&booth, &bob, NOON_S), 0);
    assert_int_equal(booth_stage(&booth, &guest, NOON_S), 0);
    struct bucket *bucket = booth_bucket(&booth, &ada);
    assert_int_equal(booth_send(&booth, bucket, RECORD_T2, &ada, &bob, 1), 0);
    assert_int_equal(booth_send(&booth, NULL, RECORD_T2, &guest, NULL, 1), 0);
    booth_publish(&booth);
    return bucket;
}

static void a_bucket_goes_and_comes_back(void **state)
{
    struct bucket *bucket = everybody_in(), *found;
    uint8_t nonce[FEED_NONCE_BYTES], tag[ID_BYTES];
    (void)state;
    memcpy(nonce, bucket->feed_nonce, sizeof nonce);
    memcpy(tag, bucket->content->tag, sizeof tag);
    size_t bytes = booth.table.cached_bytes;
    assert_int_equal(trim(NULL), 1);
    assert_null(bucket->content);
    assert_true(booth.table.cached_bytes == 0 && booth.table.cached_count == 0);
    assert_true(bucket->t1_visible == 3 && bucket_feed_length(bucket) == 5);
    assert_memory_equal(nonce, bucket->feed_nonce, sizeof nonce);
    assert_int_equal(table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, bucket->bucket_hash,
                                       NOON_S, &found),
                     0);
    /* Its T1s are known, but not who they are. */
    assert_null(table_find_t1(&booth.table, ada.draft.id, NOON_S));
    assert_ptr_equal(table_find_evicted(&booth.table, ada.draft.id, NOON_S), bucket);
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), -EAGAIN);
    assert_ptr_equal(booth.table.wanted, bucket);
    assert_int_equal(booth.batch.count, 0);
    assert_int_equal(bring_back(bucket, 0), 0);
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), -EEXIST);
    ada.draft.key_hash[0] ^= 1;
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), -EACCES);
    assert_null(table_find_evicted(&booth.table, ada.draft.id, NOON_S));
    assert_int_equal(booth.table.evicted_t1s.count, 0);
    assert_memory_equal(tag, bucket->content->tag, sizeof tag);
    assert_memory_not_equal(nonce, bucket->feed_nonce, sizeof nonce);
    assert_in_range(booth.table.cached_bytes, bytes - 200, bytes + 200);
    /* Places and numbers are as they were. */
    assert_int_equal(booth_send(&booth, bucket, RECORD_T2, &ada, &bob, 2), -EBUSY);
    assert_int_equal(booth_send(&booth, NULL, RECORD_T2, &guest, NULL, 2), 0);
    assert_int_equal(booth_send(&booth, NULL, RECORD_T2, &guest, NULL, 3), -ENOSPC);
    assert_int_equal(table_sender(&booth.table, guest.draft.id, NOON_S)->records, 2);
}

static void a_keyless_t1_stands_where_its_hash_does(void **state)
{
    (void)state;
    everybody_in();
    assert_int_equal(trim(NULL), 1);
    assert_int_equal(booth_stage(&booth, &guest, NOON_S), -EEXIST);
}

static void what_the_writer_needs_stays(void **state)
{
    struct bucket *bucket = everybody_in();
    struct booth_t1 late;
    (void)state;
    booth_t1(&booth, &late, true);
    assert_int_equal(booth_stage(&booth, &late, NOON_S), 0);
    struct bucket *second = booth_bucket(&booth, &late);
    /* The sender's bucket is pinned, the addressee's has something staged, as has the new one. */
    assert_int_equal(booth_send(&booth, bucket, RECORD_T3, &ada, &bob, 1), 0);
    assert_int_equal(trim(NULL), 0);
    booth_publish(&booth);
    assert_int_equal(trim(second), 1);
    assert_non_null(second->content);
    assert_int_equal(booth_send(&booth, second, RECORD_T3, &ada, &late, 1), -EAGAIN);
    assert_ptr_equal(booth.table.wanted, bucket);
    assert_int_equal(bring_back(bucket, 0), 0);
    assert_int_equal(booth_send(&booth, second, RECORD_T3, &ada, &late, 1), 0);
    assert_int_equal(trim(NULL), 0);
    booth_rollback(&booth);
    assert_int_equal(trim(NULL), 2);
}

/* Four buckets of one T1 each. */
static void four_buckets(struct bucket *buckets[4])
{
    booth.table.rules.capacity = 1;
    for (int i = 0; i < 4; i++) {
        struct booth_t1 t1;
        booth_t1(&booth, &t1, true);
        assert_int_equal(booth_stage(&booth, &t1, NOON_S), 0);
        booth_publish(&booth);
        buckets[i] = booth_bucket(&booth, &t1);
        atomic_store(&buckets[i]->clock_counter, 0);
    }
}

/* Let so many contents go as are in the way of `max` bytes. */
static void trim_to(size_t max)
{
    booth.table.rules.cache_bytes_max = max;
    contents_free(table_trim(&booth.table, NULL));
    assert_true(booth.table.cached_bytes <= max);
}

static void those_used_lately_go_last(void **state)
{
    struct bucket *buckets[4];
    (void)state;
    four_buckets(buckets);
    size_t each = booth.table.cached_bytes / 4;
    bucket_use(buckets[0], CLOCK_COUNTER_READ);
    bucket_use(buckets[1], CLOCK_COUNTER_WAITED_ON);
    trim_to(3 * each);
    assert_null(buckets[2]->content);
    trim_to(2 * each);
    assert_null(buckets[3]->content);
    trim_to(each);
    assert_null(buckets[0]->content);
    trim_to(0);
    assert_null(buckets[1]->content);
    assert_int_equal(booth.table.evicted_t1s.count, 4);
}

static void a_content_that_does_not_fit_is_refused(void **state)
{
    struct bucket *bucket = everybody_in();
    (void)state;
    assert_int_equal(trim(NULL), 1);
    for (size_t without = 1; without < 5; without++)
        assert_int_not_equal(bring_back(bucket, without), 0);
    assert_null(bucket->content);
    assert_int_equal(booth.table.t1_by_id.count, 0);
    assert_ptr_equal(table_find_evicted(&booth.table, ada.draft.id, NOON_S), bucket);
    assert_int_equal(bring_back(bucket, 0), 0);
}

static void an_evicted_bucket_dies_unread(void **state)
{
    struct bucket *bucket = everybody_in(), *found;
    uint8_t bucket_hash[ID_BYTES];
    (void)state;
    memcpy(bucket_hash, bucket->bucket_hash, ID_BYTES);
    assert_int_equal(trim(NULL), 1);
    assert_null(table_find_evicted(&booth.table, ada.draft.id, NOON_S + 86400));
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    /* The same T1 in a new life, in the commit that ends its old one. */
    assert_int_equal(booth_stage(&booth, &ada, NOON_S + 86400), 0);
    booth_rollback(&booth);
    assert_ptr_equal(table_find_evicted(&booth.table, ada.draft.id, NOON_S), bucket);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    assert_int_equal(booth_stage(&booth, &ada, NOON_S + 86400), 0);
    booth_publish(&booth);
    assert_int_equal(
        table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, bucket_hash, NOON_S, &found),
        -EKEYEXPIRED);
    assert_true(booth.table.evicted_t1s.count == 0 && booth.table.t1_by_id.count == 1);
}

static void t1s_noted_at_start_are_found(void **state)
{
    const struct bucket_id id = {NOON_S, 7, {0}};
    struct bucket *bucket;
    uint64_t hashes[3];
    (void)state;
    everybody_in();
    assert_int_equal(trim(NULL), 1);
    /* Another table, as after a restart. */
    struct table table;
    table_init(&table, &booth.table.rules, &booth.random);
    const struct booth_t1 *const standing[] = {&ada, &bob, &guest};
    for (size_t i = 0; i < 3; i++)
        hashes[i] = table_t1_hash(&table, standing[i]->draft.id);
    assert_int_equal(table_load_bucket(&table, BUCKET_KIND_RENDEZVOUS, &id, true, &bucket), 0);
    assert_int_equal(table_note_evicted(&table, bucket, hashes, 3), 0);
    assert_int_equal(bucket->t1_visible, 3);
    assert_ptr_equal(table_find_evicted(&table, guest.draft.id, NOON_S), bucket);
    struct content *content;
    assert_int_equal(copy_content(&table, stored, 0, &content), 0);
    assert_int_equal(table_install(&table, bucket, content), 0);
    assert_non_null(table_find_t1(&table, guest.draft.id, NOON_S));
    table_free(&table);
}

/* A table from which contents go at random behaves as one in which they stay. */

enum { STEPS = 20000, PEOPLE = 40 };

static struct booth twin;

static void bring_from_twin(struct bucket *bucket)
{
    struct bucket *same = twin.table.rendezvous.newest;
    struct content *content;
    while (same->id.created != bucket->id.created || same->id.sequence != bucket->id.sequence)
        same = same->older;
    assert_int_equal(copy_content(&booth.table, same->content, 0, &content), 0);
    assert_int_equal(table_install(&booth.table, bucket, content), 0);
}

/* The same as booth_stage and booth_send, with what is wanted brought back. */

static int stage_somehow(struct booth_t1 *t1, int64_t now_s)
{
    int err;
    while ((err = booth_stage(&booth, t1, now_s)) == -EAGAIN)
        bring_from_twin(booth.table.wanted);
    return err;
}

static int send_somehow(struct bucket *bucket, enum record_kind kind, const struct booth_t1 *sender,
                        const struct booth_t1 *addressee, uint8_t body)
{
    int err;
    if (!bucket->content)
        bring_from_twin(bucket);
    while ((err = booth_send(&booth, bucket, kind, sender, addressee, body)) == -EAGAIN)
        bring_from_twin(booth.table.wanted);
    return err;
}

static void compare_tables(void)
{
    const struct bucket *there = twin.table.rendezvous.newest;
    size_t evicted_t1s = 0, bytes = 0, cached = 0;
    for (const struct bucket *here = booth.table.rendezvous.newest; here; here = here->older) {
        assert_true(here->id.created == there->id.created &&
                    here->id.sequence == there->id.sequence);
        assert_true(here->t1_visible == there->t1_visible && here->closed == there->closed);
        assert_int_equal(here->t1_standing, there->t1_standing);
        assert_int_equal(bucket_feed_length(here), bucket_feed_length(there));
        evicted_t1s += here->content ? 0 : here->t1_visible;
        cached += here->content ? 1 : 0;
        bytes += here->content ? here->content->bytes : 0;
        there = there->older;
    }
    assert_null(there);
    assert_int_equal(booth.table.evicted_t1s.count, evicted_t1s);
    assert_int_equal(booth.table.cached_bytes, bytes);
    assert_int_equal(booth.table.cached_count, cached);
}

static void stage_one(struct booth_t1 *people, int64_t now_s)
{
    struct booth_t1 *one = &people[seeded_below(&booth.seeded, PEOPLE)];
    struct booth_t1 *other = &people[seeded_below(&booth.seeded, PEOPLE)];
    enum record_kind kind = seeded_below(&booth.seeded, 2) ? RECORD_T2 : RECORD_T3;
    uint8_t body = (uint8_t)seeded_below(&booth.seeded, 3);
    struct bucket *there = booth_bucket(&twin, other), *here;
    uint8_t bucket_hash[ID_BYTES] = {0};
    if (seeded_below(&booth.seeded, 3) == 0 || !there) {
        assert_int_equal(stage_somehow(one, now_s), booth_stage(&twin, one, now_s));
        return;
    }
    memcpy(bucket_hash, there->bucket_hash, ID_BYTES);
    bool alive =
        table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, bucket_hash, NOON_S, &here) == 0;
    assert_true(alive == (table_find_bucket(&twin.table, BUCKET_KIND_RENDEZVOUS, bucket_hash,
                                            NOON_S, &there) == 0));
    if (!alive)
        return;
    const struct booth_t1 *addressee = seeded_below(&booth.seeded, 4) ? other : NULL;
    assert_int_equal(send_somehow(here, kind, one, addressee, body),
                     booth_send(&twin, there, kind, one, addressee, body));
}

static void eviction_changes_nothing(void **state)
{
    static struct booth_t1 people[PEOPLE];
    int64_t now_s = NOON_S;
    (void)state;
    booth_open(&twin, 3);
    for (size_t i = 0; i < PEOPLE; i++)
        booth_t1(&booth, &people[i], i % 3 != 0);
    for (size_t step = 0; step < STEPS; step++) {
        stage_one(people, now_s);
        if (seeded_below(&booth.seeded, 3) == 0) {
            booth.table.rules.cache_bytes_max = seeded_below(&booth.seeded, 40000);
            contents_free(table_trim(&booth.table, NULL));
        }
        if (seeded_below(&booth.seeded, 5) != 0)
            continue;
        /* A batch ends, well or not, and the next one begins with what is due by time. */
        if (seeded_below(&booth.seeded, 4) == 0) {
            booth_rollback(&booth);
            booth_rollback(&twin);
        } else {
            booth_publish(&booth);
            booth_publish(&twin);
        }
        compare_tables();
        now_s += (int64_t)seeded_below(&booth.seeded, 500);
        assert_int_equal(table_stage_time(&booth.table, &booth.batch, now_s), 0);
        assert_int_equal(table_stage_time(&twin.table, &twin.batch, now_s), 0);
    }
    assert_true(booth.table.rendezvous.expired.count > 20);
    booth_close(&twin);
}

/* Every allocation of going and coming back fails once. */

static void any_allocation_may_fail(void **state)
{
    size_t failures = 0;
    struct bucket *bucket = everybody_in();
    (void)state;
    assert_int_equal(trim(NULL), 1);
    for (bool happened = true; happened; failures++) {
        allocation_fail(failures);
        int err = bring_back(bucket, 0);
        happened = allocation_relent();
        assert_true(err == 0 || (err == -ENOMEM && happened));
        if (err)
            assert_int_equal(bring_back(bucket, 0), 0);
        assert_non_null(table_find_t1(&booth.table, ada.draft.id, NOON_S));
        /* The two allocations of going: then nothing goes, this time. */
        allocation_fail(failures % 2);
        size_t gone = trim(NULL);
        if (allocation_relent() && gone == 0) {
            assert_non_null(bucket->content);
            gone = trim(NULL);
        }
        assert_int_equal(gone, 1);
        assert_int_equal(booth.table.evicted_t1s.count, 3);
        assert_int_equal(booth.table.t1_by_id.count, 0);
    }
    assert_true(failures > 8);
}

static int release_stored(void **state)
{
    content_free(stored);
    stored = NULL;
    return tear_down(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, release_stored)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bucket_goes_and_comes_back),
        TEST(a_keyless_t1_stands_where_its_hash_does),
        TEST(what_the_writer_needs_stays),
        TEST(those_used_lately_go_last),
        TEST(a_content_that_does_not_fit_is_refused),
        TEST(an_evicted_bucket_dies_unread),
        TEST(t1s_noted_at_start_are_found),
        TEST(eviction_changes_nothing),
        TEST(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
