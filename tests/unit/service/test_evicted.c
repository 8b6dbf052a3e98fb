#include "lib/host.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

/* A service that may keep no content in memory: every one is read back, again and again. */

static struct host host;
static struct host_t1 ada, bob, carl;

static int set_up(void **state)
{
    struct service_settings settings = host_settings();
    (void)state;
    settings.rules.cache_bytes_max = 0;
    settings.rules.capacity = 2;
    settings.feed_bytes_max = 1 << 20;
    host_open_with(&host, &settings);
    host_t1(&ada);
    host_t1(&bob);
    host_t1(&carl);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_close(&host);
    return 0;
}

static void all_in(void)
{
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &bob, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &carl, NULL), POST_STORED);
}

static size_t feed_bytes(const uint8_t *bucket_hash, const struct feed_cursor *after,
                         struct feed_cursor *next)
{
    struct blob frames;
    assert_int_equal(service_feed(host.service, bucket_hash, after, &frames, next), 0);
    size_t bytes = frames.bytes;
    blob_free(&frames);
    return bytes;
}

enum { T1_FRAME = 1 + RECORD_T1_BYTES, RECORD_FRAME = 1 + RECORD_ADDRESSED_BYTES };

static void nothing_is_missing(void **state)
{
    uint8_t bytes[RECORD_T1_BYTES], bucket_hash[ID_BYTES], tag[ID_BYTES];
    struct bucket_facts facts[3];
    struct blob blob;
    struct post post;
    size_t count;
    bool more;
    (void)state;
    all_in();
    assert_int_equal(service_counts(host.service).buckets_cached, 0);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STOOD);
    assert_memory_equal(ada.bucket.bucket_hash, bob.bucket.bucket_hash, ID_BYTES);
    carl.key_hash[0] ^= 1;
    assert_int_equal(host_join(&host, &carl, NULL), POST_WRONG_KEY);
    carl.key_hash[0] ^= 1;
    /* From one evicted bucket to another: sender, addressee and place are looked up. */
    assert_int_equal(host_send(&host, &carl, &ada, RECORD_T2, 1, ada.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_int_equal(post.stored, 1);
    assert_int_equal(host_send(&host, &carl, &ada, RECORD_T2, 2, ada.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_int_equal(post.refused, 1);
    assert_int_equal(service_t1(host.service, carl.id, bytes, bucket_hash, NULL), 0);
    assert_memory_equal(bytes, carl.bytes, sizeof bytes);
    assert_memory_equal(bucket_hash, carl.bucket.bucket_hash, sizeof bucket_hash);
    assert_int_equal(service_t1s(host.service, ada.bucket.bucket_hash, &blob, &facts[0], tag), 0);
    assert_true(blob.bytes == 2 * RECORD_T1_BYTES && facts[0].closed);
    blob_free(&blob);
    assert_int_equal(service_records(host.service, ada.bucket.bucket_hash, RECORD_T2, ada.id, NULL,
                                     &blob, &(struct feed_cursor){{0}}, &(bool){false}),
                     0);
    assert_int_equal(blob.bytes, RECORD_ADDRESSED_BYTES);
    blob_free(&blob);
    assert_int_equal(reference_read(host.reference, RECORD_T1, &blob), 0);
    assert_int_equal(blob.bytes, 3 * RECORD_T1_BYTES);
    blob_free(&blob);
    uint64_t reads = service_counts(host.service).evicted_reads;
    assert_true(reads >= 5);
    /* A list of buckets is made of headers alone. */
    assert_int_equal(service_buckets(host.service, NULL, NULL, facts, 3, &count, &more), 0);
    assert_true(count == 2 && facts[0].count == 1 && facts[1].count == 2);
    assert_int_equal(service_counts(host.service).evicted_reads, reads);
}

static void whoever_has_seen_all_waits_without_the_content(void **state)
{
    struct feed_cursor cursor, again;
    struct post post;
    (void)state;
    all_in();
    assert_int_equal(feed_bytes(ada.bucket.bucket_hash, NULL, &cursor), 2 * T1_FRAME);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STOOD); /* somebody reads it, and it goes */
    assert_int_equal(feed_bytes(ada.bucket.bucket_hash, NULL, &cursor), 2 * T1_FRAME);
    assert_int_equal(host_join(&host, &carl, NULL), POST_STOOD); /* it is not asked for, but goes */
    uint64_t reads = service_counts(host.service).evicted_reads;
    assert_int_equal(feed_bytes(ada.bucket.bucket_hash, &cursor, &again), 0);
    assert_memory_equal(&cursor, &again, sizeof cursor);
    assert_int_equal(service_counts(host.service).evicted_reads, reads);
    /* News come after the content has been read back: everything again, in another order. */
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, bob.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_int_equal(feed_bytes(ada.bucket.bucket_hash, &cursor, &again),
                     2 * T1_FRAME + RECORD_FRAME);
}

static atomic_int woken;

static void count_wake(struct waiter *waiter)
{
    (void)waiter;
    atomic_fetch_add(&woken, 1);
}

static void waiters_of_an_evicted_bucket_are_woken(void **state)
{
    struct feed_cursor cursor;
    struct post post;
    struct waiter waiter = {.wake = count_wake, .deadline_ms = INT64_MAX};
    (void)state;
    all_in();
    assert_int_equal(feed_bytes(ada.bucket.bucket_hash, NULL, &cursor), 2 * T1_FRAME);
    assert_int_equal(service_feed_wait(host.service, ada.bucket.bucket_hash, &cursor, &waiter), 0);
    assert_int_equal(host_join(&host, &carl, NULL), POST_STOOD);
    assert_int_equal(woken, 0);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, bob.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_int_equal(woken, 1);
}

static void what_cannot_be_read_is_refused_and_comes_back(void **state)
{
    uint8_t bytes[RECORD_T1_BYTES], bucket_hash[ID_BYTES];
    struct feed_cursor cursor;
    struct bucket_facts facts;
    struct blob blob;
    struct post post, probe = {.kind = &post_probe};
    (void)state;
    all_in();
    failing_store_fail_reading(host.store, -EBADMSG);
    assert_int_equal(service_t1(host.service, ada.id, bytes, bucket_hash, NULL), -EIO);
    assert_int_equal(service_feed(host.service, ada.bucket.bucket_hash, NULL, &blob, &cursor),
                     -EIO);
    assert_int_equal(reference_read(host.reference, RECORD_T1, &blob), -EIO);
    assert_int_equal(host_join(&host, &ada, NULL), POST_UNAVAILABLE);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, bob.bucket.bucket_hash, &post),
                     POST_UNAVAILABLE);
    /* What needs no reading goes on. */
    assert_int_equal(host_post(&host, &probe), POST_STORED);
    assert_int_equal(service_bucket(host.service, ada.bucket.bucket_hash, &facts), 0);
    assert_true(service_counts(host.service).evicted_read_failures >= 5);
    failing_store_fail_reading(host.store, 0);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STOOD);
    assert_int_equal(service_t1(host.service, ada.id, bytes, bucket_hash, NULL), 0);
}

static void an_evicted_bucket_expires(void **state)
{
    struct bucket_facts facts;
    (void)state;
    all_in();
    uint64_t reads = service_counts(host.service).evicted_reads;
    host_advance(&host, 86400);
    assert_int_equal(service_bucket(host.service, ada.bucket.bucket_hash, &facts), -EKEYEXPIRED);
    assert_int_equal(service_counts(host.service).buckets_live, 0);
    assert_int_equal(service_counts(host.service).evicted_reads, reads);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
}

static void only_some_senders_of_a_body_are_looked_up(void **state)
{
    enum { SENDERS = 40 };
    static struct host_t1 senders[SENDERS];
    static uint8_t body[SENDERS * RECORD_UNADDRESSED_BYTES];
    struct post post;
    (void)state;
    for (size_t i = 0; i < SENDERS; i++) {
        host_t1(&senders[i]);
        assert_int_equal(
            reference_post_new(host.reference, RECORD_T1, senders[i].bytes, RECORD_T1_BYTES, &post),
            0);
        assert_int_equal(host_post(&host, &post), POST_STORED);
        reference_post_free(&post);
        memcpy(body + i * RECORD_UNADDRESSED_BYTES, senders[i].id, ID_BYTES);
    }
    uint64_t reads = service_counts(host.service).evicted_reads;
    int err = reference_post_new(host.reference, RECORD_T2, body, sizeof body, &post);
    assert_true(err == 0 || err == -EEXIST);
    if (!err)
        reference_post_free(&post);
    assert_in_range(service_counts(host.service).evicted_reads - reads, 1, 16);
}

/* A T1 that stands, in a bucket that is evicted while its post is under way with another one. */

static struct post again, beside;
static sem_t both_done;
static int commits;

static void one_done(struct post *post)
{
    (void)post;
    sem_post(&both_done);
}

static void in_commit(void *context)
{
    uint8_t bytes[RECORD_T1_BYTES], bucket_hash[ID_BYTES];
    (void)context;
    if (commits++ == 0) {
        /* What is submitted now goes together into the next commit. */
        INVARIANT(service_submit(host.service, &again) == 0);
        INVARIANT(service_submit(host.service, &beside) == 0);
    } else {
        uint64_t reads = service_counts(host.service).evicted_reads;
        size_t cached = service_counts(host.service).buckets_cached;
        INVARIANT(service_t1(host.service, carl.id, bytes, bucket_hash, NULL) == 0);
        INVARIANT(service_counts(host.service).evicted_reads == reads + 1);
        INVARIANT(service_counts(host.service).buckets_cached == cached);
    }
}

static void what_a_post_has_found_may_be_evicted(void **state)
{
    struct service_settings settings = host_settings();
    struct host_t1 dora, emil, first;
    uint8_t bytes[RECORD_T1_BYTES], bucket_hash[ID_BYTES];
    host_close(&host);
    settings.rules.capacity = 2;
    settings.rules.cache_bytes_max = 4000; /* two buckets, but not three */
    host_open_with(&host, &settings);
    host_t1(&first);
    host_t1(&dora);
    host_t1(&emil);
    assert_int_equal(host_join(&host, &carl, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &first, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &bob, NULL), POST_STORED);
    assert_int_equal(service_t1(host.service, ada.id, bytes, bucket_hash, NULL), 0);
    sem_init(&both_done, 0, 0);
    again = (struct post){.kind = &post_t1, .done = one_done, .t1 = {.bytes = ada.bytes}};
    again.t1.keyed = true;
    memcpy(again.t1.id, ada.id, ID_BYTES);
    memcpy(again.t1.key_hash, ada.key_hash, ID_BYTES);
    beside = (struct post){.kind = &post_t1, .done = one_done, .t1 = {.bytes = emil.bytes}};
    memcpy(beside.t1.id, emil.id, ID_BYTES);
    commits = 0;
    failing_store_during_commit(host.store, in_commit, NULL);
    assert_int_equal(host_join(&host, &dora, NULL), POST_STORED);
    for (int i = 0; i < 2; i++)
        while (sem_wait(&both_done))
            ;
    sem_destroy(&both_done);
    assert_int_equal(commits, 2);
    assert_true(again.outcome == POST_STOOD && beside.outcome == POST_STORED);
    assert_memory_equal(again.bucket.bucket_hash, ada.bucket.bucket_hash, ID_BYTES);
    assert_int_equal(again.bucket.count, 2);
    uint64_t reads = service_counts(host.service).evicted_reads;
    assert_int_equal(service_t1(host.service, ada.id, bytes, bucket_hash, NULL), 0);
    assert_int_equal(service_counts(host.service).evicted_reads, reads + 1); /* so it has gone */
    (void)state;
}

/* Readers and a writer at once: what has been acknowledged is seen by whoever asks then. */

enum { READERS = 3, JOINED = 300 };

static struct host_t1 joined[JOINED];
static atomic_size_t acknowledged;
static atomic_bool finished;

static void *read_back(void *argument)
{
    uint8_t bytes[RECORD_T1_BYTES], bucket_hash[ID_BYTES], tag[ID_BYTES];
    struct bucket_facts facts;
    struct feed_cursor cursor;
    struct blob blob;
    size_t turn = (size_t)(uintptr_t)argument;
    while (!atomic_load(&finished)) {
        size_t count = atomic_load(&acknowledged);
        if (count == 0)
            continue;
        const struct host_t1 *one = &joined[turn++ % 3 ? count - 1 : turn % count];
        INVARIANT(service_t1(host.service, one->id, bytes, bucket_hash, NULL) == 0);
        INVARIANT(memcmp(bytes, one->bytes, sizeof bytes) == 0);
        INVARIANT(service_t1s(host.service, bucket_hash, &blob, &facts, tag) == 0);
        INVARIANT(memmem(blob.data, blob.bytes, bytes, sizeof bytes));
        blob_free(&blob);
        INVARIANT(service_feed(host.service, bucket_hash, NULL, &blob, &cursor) == 0);
        INVARIANT(memmem(blob.data, blob.bytes, bytes, sizeof bytes));
        blob_free(&blob);
    }
    return NULL;
}

static void no_reader_misses_what_is_acknowledged(void **state)
{
    pthread_t readers[READERS];
    (void)state;
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_back, (void *)(uintptr_t)i), 0);
    for (size_t i = 0; i < JOINED; i++) {
        host_t1(&joined[i]);
        assert_int_equal(host_join(&host, &joined[i], NULL), POST_STORED);
        atomic_store(&acknowledged, i + 1);
        /* One that stands may be evicted while its post is under way. */
        assert_int_equal(host_join(&host, &joined[i / 2], NULL), POST_STOOD);
        assert_true(joined[i / 2].bucket.count > 0);
    }
    atomic_store(&finished, true);
    for (size_t i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    assert_true(service_counts(host.service).evicted_reads > JOINED / 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_missing),
        TEST(whoever_has_seen_all_waits_without_the_content),
        TEST(waiters_of_an_evicted_bucket_are_woken),
        TEST(what_cannot_be_read_is_refused_and_comes_back),
        TEST(an_evicted_bucket_expires),
        TEST(only_some_senders_of_a_body_are_looked_up),
        TEST(what_a_post_has_found_may_be_evicted),
        TEST(no_reader_misses_what_is_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
