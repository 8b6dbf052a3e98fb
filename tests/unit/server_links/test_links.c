#include "../bucket/booth.h"

#include <string.h>

#include "bucket/cache.h"

/* Buckets of private links: what a link does to one, and what readers see of it. */

static struct booth booth;

enum { BUCKETS_MAX = 100 }; /* the booth's */

static struct bucket *newest(void)
{
    return table_newest(&booth.table, &booth.table.rendezvous.common, NOON_S);
}

static int set_up(void **state)
{
    (void)state;
    booth_open(&booth, 3);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    booth_close(&booth);
    return 0;
}

struct blob_of_link {
    uint8_t bytes[LINK_BLOB_BYTES];
};

static struct blob_of_link a_link(void)
{
    struct blob_of_link link;
    random_fill(&booth.random, link.bytes, sizeof link.bytes);
    return link;
}

static int stage(const struct blob_of_link *link, int64_t now_s, struct bucket **bucket)
{
    return links_stage(&booth.links, &booth.batch, link->bytes, 0, now_s, bucket);
}

/* A new link, committed by itself. Returns: its bucket. */
static struct bucket *leave(int64_t now_s)
{
    struct blob_of_link link = a_link();
    struct bucket *bucket = NULL;
    assert_int_equal(stage(&link, now_s, &bucket), 0);
    booth_publish(&booth);
    return bucket;
}

static struct bucket *fill(int64_t now_s)
{
    struct bucket *bucket = leave(now_s);
    while (!link_slots_full(links_slots(bucket->content)))
        assert_ptr_equal(leave(now_s), bucket);
    return bucket;
}

static const uint8_t *image_of(const struct bucket *bucket)
{
    return links_slots(bucket->content)->image;
}

/* In how many places two images differ. */
static size_t differences(const uint8_t *one, const uint8_t *other)
{
    size_t count = 0;
    for (size_t i = 0; i < LINK_BUCKET_BYTES; i += LINK_BLOB_BYTES)
        count += memcmp(one + i, other + i, LINK_BLOB_BYTES) != 0 ? 1 : 0;
    return count;
}

static void a_link_is_seen_once_it_is_committed(void **state)
{
    static uint8_t before[LINK_BUCKET_BYTES];
    struct bucket *bucket = leave(NOON_S), *same = NULL;
    struct blob_of_link link = a_link();
    (void)state;
    memcpy(before, image_of(bucket), sizeof before);
    uint64_t taken = links_slots(bucket->content)->taken;
    assert_int_equal(stage(&link, NOON_S, &same), 0);
    assert_ptr_equal(same, bucket);
    assert_memory_equal(image_of(bucket), before, sizeof before);
    booth_rollback(&booth);
    assert_true(links_slots(bucket->content)->taken == taken && bucket->content->staged == 0);
    assert_memory_equal(image_of(bucket), before, sizeof before);
    assert_int_equal(stage(&link, NOON_S, &same), 0);
    booth_publish(&booth);
    assert_int_equal(differences(image_of(bucket), before), 1);
    assert_non_null(memmem(image_of(bucket), sizeof before, link.bytes, sizeof link.bytes));
}

static void what_is_in_a_bucket_stands_already(void **state)
{
    struct blob_of_link link = a_link(), filler;
    struct bucket *bucket = NULL, *same = NULL;
    (void)state;
    assert_int_equal(stage(&link, NOON_S, &bucket), 0);
    assert_int_equal(stage(&link, NOON_S, &same), -EEXIST); /* in the same commit */
    assert_ptr_equal(same, bucket);
    booth_publish(&booth);
    for (size_t i = 0; i < LINK_SLOTS; i++) {
        memcpy(filler.bytes, image_of(bucket) + i * LINK_BLOB_BYTES, sizeof filler.bytes);
        same = NULL;
        assert_int_equal(stage(&filler, NOON_S, &same), -EEXIST);
        assert_ptr_equal(same, bucket);
    }
    assert_int_equal(booth.batch.count, 0);
    /* Also where nothing is added any more, and in a full bucket. */
    booth.table.full = true;
    assert_int_equal(stage(&link, NOON_S, &same), -EEXIST);
    struct blob_of_link other = a_link();
    assert_int_equal(stage(&other, NOON_S, &same), -EFBIG);
    booth.table.full = false;
    assert_ptr_equal(fill(NOON_S), bucket);
    assert_int_equal(stage(&link, NOON_S, &same), -EEXIST);
    /* In the next one it is a new one. */
    assert_int_equal(stage(&link, NOON_S + 3600, &same), 0);
    assert_ptr_not_equal(same, bucket);
}

/* Each place is somebody's first one, in 3000 buckets; by chance one would be missing in once of
 * 10^19 times. */
static void any_place_may_be_the_first(void **state)
{
    static const uint8_t seed[LINK_SEED_BYTES];
    struct blob_of_link link = a_link();
    uint64_t met = 0;
    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct link_slots *slots = link_slots_new(seed);
        struct link_entry *staged;
        assert_non_null(slots);
        assert_int_equal(link_slots_stage(slots, &booth.random, link.bytes, &staged), 0);
        met |= slots->taken;
        assert_true(slots->taken == UINT64_C(1) << staged->slot);
        link_slots_show(slots, staged);
        link_slots_free(slots);
    }
    assert_true(met == UINT64_MAX);
}

static void a_full_bucket_is_open_for_its_window_and_passed_over(void **state)
{
    struct bucket *full = fill(NOON_S), *next = leave(NOON_S + 1);
    struct link_entry *staged;
    struct blob_of_link link = a_link();
    (void)state;
    assert_int_equal(
        link_slots_stage(links_slots(full->content), &booth.random, link.bytes, &staged), -ENOSPC);
    assert_ptr_not_equal(full, next);
    assert_true(bucket_is_open(full, &booth.table.rules, NOON_S + 1) && !full->closed);
    assert_true(table_next_event_s(&booth.table, NOON_S) == NOON_S + 3600);
    assert_ptr_equal(links_open_bucket(&booth.links, NOON_S + 1), next);
    /* Both close when their window is over. */
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 3599), 0);
    assert_int_equal(booth.batch.count, 0);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 3600), 0);
    booth_publish(&booth);
    assert_null(links_open_bucket(&booth.links, NOON_S + 3600));
    assert_true(full->closed && next->closed &&
                memcmp(full->content->tag, next->content->tag, ID_BYTES) != 0);
    assert_true(table_next_event_s(&booth.table, NOON_S) == NOON_S + 86400);
}

static void an_hour_has_only_so_many_buckets(void **state)
{
    struct blob_of_link link = a_link();
    struct bucket *bucket = NULL;
    (void)state;
    booth.links.list.window_buckets_max = 2;
    (void)fill(NOON_S);
    assert_int_equal(fill(NOON_S + 1800)->id.sequence, 1);
    assert_int_equal(stage(&link, NOON_S + 3599, &bucket), -ENFILE);
    assert_int_equal(booth.batch.count, 0);
    bucket = leave(NOON_S + 3600 + 1800);
    assert_true(bucket->id.created == NOON_S + 3600 && bucket->id.sequence == 0);
}

static void very_many_close_in_turn(void **state)
{
    size_t closed = 0;
    (void)state;
    for (size_t i = 0; i < BUCKETS_MAX; i++)
        (void)fill(NOON_S);
    struct blob_of_link link = a_link();
    struct bucket *none = NULL;
    assert_int_equal(stage(&link, NOON_S, &none), -EMFILE);
    assert_int_equal(booth.links.list.newest->id.sequence, BUCKETS_MAX - 1);
    for (size_t left = BUCKETS_MAX; left > 0; left -= closed) {
        closed = left < CLOSED_AT_ONCE ? left : CLOSED_AT_ONCE;
        assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 3600), 0);
        assert_int_equal(booth.batch.count, closed);
        booth_publish(&booth);
    }
    assert_null(booth.links.list.unclosed);
}

static void the_kinds_share_their_number_and_nothing_else(void **state)
{
    struct booth_t1 ada;
    struct bucket *found;
    uint8_t links[ID_BYTES], rendezvous[ID_BYTES];
    (void)state;
    booth_t1(&booth, &ada, true);
    assert_int_equal(booth_stage(&booth, &ada, NOON_S), 0);
    booth_publish(&booth);
    memcpy(links, leave(NOON_S)->bucket_hash, ID_BYTES);
    memcpy(rendezvous, booth_bucket(&booth, &ada)->bucket_hash, ID_BYTES);
    assert_int_equal(booth.table.bucket_count, 2);
    assert_true(booth.links.list.newest->id.sequence == 0);
    assert_int_equal(table_find_bucket(&booth.table, BUCKET_KIND_LINKS, links, NOON_S, &found), 0);
    assert_int_equal(table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, links, NOON_S, &found),
                     -ENOENT);
    assert_int_equal(table_find_bucket(&booth.table, BUCKET_KIND_LINKS, rendezvous, NOON_S, &found),
                     -ENOENT);
    assert_ptr_equal(newest(), booth_bucket(&booth, &ada));
    assert_null(table_older(&booth.table, booth_bucket(&booth, &ada), NOON_S));
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 86400), 0);
    booth_publish(&booth);
    assert_int_equal(booth.table.bucket_count, 0);
    assert_int_equal(table_find_bucket(&booth.table, BUCKET_KIND_LINKS, links, NOON_S, &found),
                     -EKEYEXPIRED);
    assert_int_equal(table_find_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, links, NOON_S, &found),
                     -ENOENT);
}

/* What a store would give back. */
static struct content *copy_of(const struct link_slots *slots)
{
    struct content *content = links_content_new(slots->seed);
    assert_non_null(content);
    for (uint32_t i = 0; i < LINK_SLOTS; i++)
        if (slots->taken >> i & 1)
            assert_int_equal(link_slots_load(links_slots(content), i,
                                             slots->image + (size_t)i * LINK_BLOB_BYTES),
                             0);
    return content;
}

static void a_bucket_goes_and_comes_back_the_same(void **state)
{
    static uint8_t before[LINK_BUCKET_BYTES];
    struct bucket *bucket = leave(NOON_S), *wanted = NULL;
    (void)state;
    for (int i = 0; i < 20; i++)
        assert_ptr_equal(leave(NOON_S), bucket);
    memcpy(before, image_of(bucket), sizeof before);
    size_t bytes = booth.table.cached_bytes;
    assert_true(bytes > sizeof before);
    booth.table.rules.cache_bytes_max = 0;
    struct content *gone = table_trim(&booth.table, NULL);
    assert_true(gone && !bucket->content && booth.table.cached_bytes == 0);
    /* Without its content nothing can be said of it, and so nothing be added. */
    struct blob_of_link link = a_link();
    assert_int_equal(stage(&link, NOON_S, &wanted), -EAGAIN);
    assert_ptr_equal(booth.table.wanted, bucket);
    struct content *of_t1s = content_new(booth.table.index_key), *copy = copy_of(links_slots(gone));
    assert_int_equal(table_install(&booth.table, bucket, of_t1s), -EBADMSG);
    assert_int_equal(table_install(&booth.table, bucket, copy), 0);
    assert_memory_equal(image_of(bucket), before, sizeof before);
    assert_int_equal(booth.table.cached_bytes, bytes);
    content_free(of_t1s);
    contents_free(gone);
    assert_int_equal(stage(&link, NOON_S, &wanted), 0);
    booth_publish(&booth);
    assert_int_equal(differences(image_of(bucket), before), 1);
}

static void places_that_cannot_be_are_refused(void **state)
{
    static const uint8_t seed[LINK_SEED_BYTES];
    struct blob_of_link link = a_link();
    struct link_slots *slots = link_slots_new(seed);
    (void)state;
    assert_non_null(slots);
    assert_int_equal(link_slots_load(slots, LINK_SLOTS, link.bytes), -EBADMSG);
    assert_int_equal(link_slots_load(slots, UINT32_MAX, link.bytes), -EBADMSG);
    assert_int_equal(link_slots_load(slots, 63, link.bytes), 0);
    assert_int_equal(link_slots_load(slots, 63, link.bytes), -EBADMSG);
    assert_true(slots->taken == UINT64_C(1) << 63);
    link_slots_free(slots);
    link_slots_free(NULL);
}

static void closed_ones_are_loaded_as_closed(void **state)
{
    const struct bucket_id first = {NOON_S, 0, {0}}, second = {NOON_S, 1, {0}},
                           third = {NOON_S, 2, {0}};
    struct bucket *bucket, *open;
    (void)state;
    assert_int_equal(table_load_bucket(&booth.table, BUCKET_KIND_LINKS, &first, true, &bucket), 0);
    assert_int_equal(table_load_bucket(&booth.table, BUCKET_KIND_LINKS, &second, false, &open), 0);
    assert_int_equal(table_load_bucket(&booth.table, BUCKET_KIND_LINKS, &third, true, &bucket), 0);
    assert_ptr_equal(booth.links.list.unclosed, open);
    /* Each kind has an order of its own. */
    assert_int_equal(table_load_bucket(&booth.table, BUCKET_KIND_LINKS, &second, false, &bucket),
                     -EBADMSG);
    assert_int_equal(
        table_load_bucket(&booth.table, BUCKET_KIND_RENDEZVOUS, &first, false, &bucket), 0);
    assert_int_equal(table_stage_time(&booth.table, &booth.batch, NOON_S + 3600), 0);
    assert_int_equal(booth.batch.count, 2);
    booth_publish(&booth);
    assert_true(open->closed && !booth.links.list.unclosed && !booth.table.rendezvous.unclosed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_link_is_seen_once_it_is_committed),
        TEST(what_is_in_a_bucket_stands_already),
        TEST(any_place_may_be_the_first),
        TEST(a_full_bucket_is_open_for_its_window_and_passed_over),
        TEST(an_hour_has_only_so_many_buckets),
        TEST(very_many_close_in_turn),
        TEST(the_kinds_share_their_number_and_nothing_else),
        TEST(a_bucket_goes_and_comes_back_the_same),
        TEST(places_that_cannot_be_are_refused),
        TEST(closed_ones_are_loaded_as_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
