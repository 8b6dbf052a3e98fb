#include "lib/host.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static struct host host;
static struct host_t1 ada, bob;

static int set_up(void **state)
{
    (void)state;
    host_open(&host);
    host_t1(&ada);
    host_t1(&bob);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_close(&host);
    return 0;
}

static void both_in(void)
{
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &bob, NULL), POST_STORED);
}

/* The number of bytes after `after`, which then is behind them. */
static size_t feed_bytes(const struct host_t1 *t1, struct feed_cursor *after, bool from_start)
{
    struct blob frames;
    struct feed_cursor next;
    assert_int_equal(service_feed(host.service, t1->bucket.bucket_hash, from_start ? NULL : after,
                                  &frames, &next),
                     0);
    size_t bytes = frames.bytes;
    blob_free(&frames);
    *after = next;
    return bytes;
}

enum { T1_FRAME = 1 + RECORD_T1_BYTES, RECORD_FRAME = 1 + RECORD_ADDRESSED_BYTES };

static void outcomes_of_t1s(void **state)
{
    uint8_t unknown[ID_BYTES] = {0};
    struct host_t1 thief;
    (void)state;
    both_in();
    assert_int_equal(bob.bucket.count, 2);
    assert_memory_equal(ada.bucket.bucket_hash, bob.bucket.bucket_hash, ID_BYTES);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STOOD);
    assert_int_equal(host_join(&host, &ada, unknown), POST_STOOD);
    thief = ada;
    thief.key_hash[0] ^= 1;
    assert_int_equal(host_join(&host, &thief, NULL), POST_WRONG_KEY);
    host_t1(&thief);
    assert_int_equal(host_join(&host, &thief, unknown), POST_NO_BUCKET);
    host_advance(&host, 3600);
    assert_int_equal(host_join(&host, &thief, ada.bucket.bucket_hash), POST_CLOSED);
    host_advance(&host, 86400);
    assert_int_equal(host_join(&host, &thief, ada.bucket.bucket_hash), POST_GONE);
}

static void outcomes_of_records(void **state)
{
    struct post post;
    struct host_t1 stranger, forger;
    (void)state;
    both_in();
    const uint8_t *bucket_hash = ada.bucket.bucket_hash;
    host_t1(&stranger);
    forger = ada;
    forger.key_hash[0] ^= 1;
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, bucket_hash, &post), POST_STORED);
    assert_true(post.stored == 1 && post.duplicate == 0 && post.refused == 0);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, bucket_hash, &post), POST_STORED);
    assert_true(post.stored == 0 && post.duplicate == 1);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 2, bucket_hash, &post), POST_STORED);
    assert_true(post.stored == 0 && post.refused == 1);
    assert_int_equal(host_send(&host, &forger, &bob, RECORD_T2, 1, bucket_hash, &post),
                     POST_WRONG_KEY);
    assert_int_equal(host_send(&host, &stranger, &bob, RECORD_T2, 1, bucket_hash, &post),
                     POST_NO_SENDER);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, stranger.id, &post),
                     POST_NO_BUCKET);
}

static void what_is_not_durable_is_not_seen(void **state)
{
    struct feed_cursor cursor;
    struct bucket_facts facts;
    struct post post, probe = {.kind = &post_probe};
    (void)state;
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
    failing_store_fail(host.store, -ENOSPC);
    assert_int_equal(host_join(&host, &bob, NULL), POST_UNAVAILABLE);
    assert_int_equal(host_post(&host, &probe), POST_UNAVAILABLE);
    /* Reading goes on, and what was refused for better reasons still is. */
    assert_int_equal(feed_bytes(&ada, &cursor, true), T1_FRAME);
    assert_int_equal(service_bucket(host.service, ada.bucket.bucket_hash, &facts), 0);
    assert_int_equal(facts.count, 1);
    assert_int_equal(host_send(&host, &bob, &ada, RECORD_T2, 1, ada.bucket.bucket_hash, &post),
                     POST_NO_SENDER);
    failing_store_fail(host.store, 0);
    assert_int_equal(host_post(&host, &probe), POST_STORED);
    assert_int_equal(host_join(&host, &bob, NULL), POST_STORED);
    assert_int_equal(feed_bytes(&ada, &cursor, false), T1_FRAME);
}

/* A commit whose answer was lost: until it is known what became of it nothing is seen of it, and
 * nothing else is taken; then memory has what the store has. */
static void what_is_in_doubt_waits(enum doubt doubt)
{
    struct feed_cursor cursor;
    struct post probe = {.kind = &post_probe};
    struct host_t1 late;
    size_t came = doubt == DOUBT_DONE ? T1_FRAME : 0;
    host_t1(&late);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
    assert_int_equal(feed_bytes(&ada, &cursor, true), T1_FRAME);
    failing_store_doubt(host.store, doubt);
    assert_int_equal(host_join(&host, &bob, NULL), POST_UNAVAILABLE);
    for (int i = 0; i < 2; i++)
        assert_int_equal(host_join(&host, &late, NULL), POST_UNAVAILABLE);
    assert_int_equal(host_post(&host, &probe), POST_UNAVAILABLE);
    assert_int_equal(feed_bytes(&ada, &cursor, false), 0);
    failing_store_doubt(host.store, DOUBT_NONE);
    assert_int_equal(host_post(&host, &probe), POST_STORED);
    assert_int_equal(feed_bytes(&ada, &cursor, false), came);
    assert_int_equal(host_join(&host, &bob, NULL), came > 0 ? POST_STOOD : POST_STORED);
    assert_int_equal(host_join(&host, &late, NULL), POST_STORED);
    assert_int_equal(late.bucket.count, 3);
}

static void a_commit_in_doubt_that_was_made(void **state)
{
    (void)state;
    what_is_in_doubt_waits(DOUBT_DONE);
}

static void a_commit_in_doubt_that_was_not_made(void **state)
{
    (void)state;
    what_is_in_doubt_waits(DOUBT_UNDONE);
}

/* Nobody is left to ask what became of it. */
static void a_service_ends_in_doubt(void **state)
{
    (void)state;
    failing_store_doubt(host.store, DOUBT_DONE);
    assert_int_equal(host_join(&host, &ada, NULL), POST_UNAVAILABLE);
}

static void expiry_is_tried_until_it_succeeds(void **state)
{
    struct bucket_facts facts;
    size_t count;
    bool more;
    (void)state;
    both_in();
    failing_store_fail(host.store, -EIO);
    host_advance(&host, 86400);
    assert_int_equal(service_bucket(host.service, ada.bucket.bucket_hash, &facts), -EKEYEXPIRED);
    assert_int_equal(service_buckets(host.service, NULL, NULL, &facts, 1, &count, &more), 0);
    assert_true(count == 0 && !more);
    failing_store_fail(host.store, 0);
    host_advance(&host, 0);
    assert_int_equal(service_bucket(host.service, ada.bucket.bucket_hash, &facts), -EKEYEXPIRED);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
}

static void feeds_go_on_from_their_cursor(void **state)
{
    struct feed_cursor cursor, behind;
    struct post post;
    (void)state;
    both_in();
    assert_int_equal(feed_bytes(&ada, &cursor, true), 2 * T1_FRAME);
    assert_int_equal(feed_bytes(&ada, &cursor, false), 0);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, ada.bucket.bucket_hash, &post),
                     POST_STORED);
    behind = cursor;
    assert_int_equal(feed_bytes(&ada, &cursor, false), RECORD_FRAME);
    /* One that is forged in any bit is another run's: all again. */
    for (size_t i = 0; i < FEED_CURSOR_BYTES; i++) {
        struct feed_cursor forged = behind;
        forged.bytes[i] ^= 1 << i % 8;
        assert_int_equal(feed_bytes(&ada, &forged, false), 2 * T1_FRAME + RECORD_FRAME);
    }
    assert_int_equal(feed_bytes(&ada, &behind, false), RECORD_FRAME);
}

static void a_long_feed_is_given_in_pieces(void **state)
{
    struct feed_cursor cursor;
    struct host_t1 more[5];
    (void)state;
    both_in();
    for (int i = 0; i < 5; i++) {
        host_t1(&more[i]);
        assert_int_equal(host_join(&host, &more[i], NULL), POST_STORED);
    }
    assert_int_equal(feed_bytes(&ada, &cursor, true), 3 * T1_FRAME);
    assert_int_equal(feed_bytes(&ada, &cursor, false), 3 * T1_FRAME);
    assert_int_equal(feed_bytes(&ada, &cursor, false), 1 * T1_FRAME);
    assert_int_equal(feed_bytes(&ada, &cursor, false), 0);
}

struct sleeper {
    struct waiter waiter;
    atomic_int woken;
};

static void wake(struct waiter *waiter)
{
    atomic_fetch_add(&((struct sleeper *)(void *)waiter)->woken, 1);
}

/* Wait after `cursor` for `seconds`. */
static int let_wait(struct sleeper *sleeper, const struct feed_cursor *cursor, int64_t seconds)
{
    *sleeper = (struct sleeper){
        .waiter = {.wake = wake, .deadline_ms = service_now_ms(host.service) + seconds * 1000},
    };
    return service_feed_wait(host.service, ada.bucket.bucket_hash, cursor, &sleeper->waiter);
}

static void waiting_ends_by_news_or_time(void **state)
{
    struct feed_cursor cursor;
    struct sleeper early, late, now, fourth;
    struct post post;
    (void)state;
    both_in();
    feed_bytes(&ada, &cursor, true);
    assert_int_equal(let_wait(&now, NULL, 60), 0);
    assert_int_equal(now.woken, 1); /* there is something already */
    assert_int_equal(let_wait(&early, &cursor, 10), 0);
    assert_int_equal(let_wait(&late, &cursor, 20), 0);
    host_advance(&host, 10);
    assert_true(early.woken == 1 && late.woken == 0);
    assert_int_equal(let_wait(&early, &cursor, 10), 0);
    assert_int_equal(let_wait(&now, &cursor, 10), 0);
    assert_int_equal(let_wait(&fourth, &cursor, 10), -ENOSPC);
    assert_int_equal(service_counts(host.service).waiting, 3);
    /* Whoever is told of a record's commit finds all waiters of the bucket woken. */
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, ada.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_true(early.woken == 1 && late.woken == 1 && now.woken == 1);
    feed_bytes(&ada, &cursor, false);
    assert_int_equal(let_wait(&early, &cursor, 60), 0);
    service_end_waits(host.service);
    assert_int_equal(early.woken, 1);
    assert_int_equal(let_wait(&early, &cursor, 60), 0);
    assert_int_equal(early.woken, 1); /* at once */
}

static void waiting_ends_with_the_bucket(void **state)
{
    struct feed_cursor cursor;
    struct sleeper sleeper;
    (void)state;
    both_in();
    feed_bytes(&ada, &cursor, true);
    assert_int_equal(let_wait(&sleeper, &cursor, 1000000), 0);
    host_step_wall(&host, 86400);
    assert_int_equal(sleeper.woken, 1);
    assert_int_equal(let_wait(&sleeper, &cursor, 1000000), 0);
    assert_int_equal(sleeper.woken, 1);
}

static void a_stopped_service_takes_no_posts(void **state)
{
    struct post post = {.kind = &post_probe};
    struct bucket_facts facts;
    (void)state;
    struct host another;
    host_open(&another);
    struct host_t1 t1;
    host_t1(&t1);
    assert_int_equal(host_join(&another, &t1, NULL), POST_STORED);
    service_stop(another.service);
    assert_int_equal(service_submit(another.service, &post), -ECANCELED);
    assert_int_equal(service_bucket(another.service, t1.bucket.bucket_hash, &facts), 0);
    reference_close(another.reference);
    service_free(another.service);
}

static void what_happens_is_counted(void **state)
{
    struct post post, probe = {.kind = &post_probe};
    (void)state;
    both_in();
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, ada.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, ada.bucket.bucket_hash, &post),
                     POST_STORED);
    failing_store_fail(host.store, -EIO);
    assert_int_equal(host_post(&host, &probe), POST_UNAVAILABLE);
    failing_store_fail(host.store, 0);
    struct service_counts counts = service_counts(host.service);
    assert_true(counts.buckets_live == 1 && counts.buckets_opened == 1);
    assert_true(counts.t1s_stored == 2 && counts.records_stored == 1);
    assert_true(counts.commits == 3 && counts.commit_failures == 1 && counts.posts == 5);
    assert_int_equal(counts.buckets_cached, 1);
    assert_true(counts.cached_bytes > 2 * RECORD_T1_BYTES + RECORD_ADDRESSED_BYTES);
    host_advance(&host, 86400);
    counts = service_counts(host.service);
    assert_true(counts.buckets_live == 0 && counts.buckets_expired == 1);
    assert_int_equal(counts.cached_bytes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(outcomes_of_t1s),
        TEST(outcomes_of_records),
        TEST(what_is_not_durable_is_not_seen),
        TEST(a_commit_in_doubt_that_was_made),
        TEST(a_commit_in_doubt_that_was_not_made),
        TEST(a_service_ends_in_doubt),
        TEST(expiry_is_tried_until_it_succeeds),
        TEST(feeds_go_on_from_their_cursor),
        TEST(a_long_feed_is_given_in_pieces),
        TEST(waiting_ends_by_news_or_time),
        TEST(waiting_ends_with_the_bucket),
        TEST(what_happens_is_counted),
        cmocka_unit_test(a_stopped_service_takes_no_posts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
