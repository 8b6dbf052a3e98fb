#include "lib/host.h"

#include <string.h>

/* What happens where a bound is reached. */

static struct host host;
static struct host_t1 ada, bob, carl;

static void set_up(const struct service_settings *settings)
{
    host_open_with(&host, settings);
    host_t1(&ada);
    host_t1(&bob);
    host_t1(&carl);
}

static void a_bucket_too_many_is_refused_until_one_dies(void **state)
{
    struct service_settings settings = host_settings();
    struct post post;
    (void)state;
    settings.rules.capacity = 1;
    settings.rules.buckets_max = 2;
    set_up(&settings);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
    host_advance(&host, 100);
    assert_int_equal(host_join(&host, &bob, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &carl, NULL), POST_TOO_MANY_BUCKETS);
    assert_int_equal(
        reference_post_new(host.reference, RECORD_T1, carl.bytes, RECORD_T1_BYTES, &post), 0);
    assert_int_equal(host_post(&host, &post), POST_TOO_MANY_BUCKETS);
    reference_post_free(&post);
    /* What needs no bucket goes on. */
    assert_int_equal(host_join(&host, &ada, NULL), POST_STOOD);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, bob.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_int_equal(service_counts(host.service).refused_buckets, 2);
    assert_int_equal(service_counts(host.service).buckets_live, 2);
    host_advance(&host, 86300);
    assert_int_equal(host_join(&host, &carl, NULL), POST_STORED);
    host_close(&host);
}

static void a_full_store_takes_no_posts_until_something_expires(void **state)
{
    struct service_settings settings = host_settings();
    struct post post, probe = {.kind = &post_probe};
    struct bucket_facts facts;
    (void)state;
    settings.stored_bytes_max = 1; /* so that one commit goes beyond it */
    set_up(&settings);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &bob, NULL), POST_STORE_FULL);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, ada.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_int_equal(post.refused, 1); /* for better reasons */
    assert_int_equal(host_join(&host, &ada, NULL), POST_STOOD);
    assert_int_equal(host_post(&host, &probe), POST_STORED);
    assert_int_equal(service_bucket(host.service, ada.bucket.bucket_hash, &facts), 0);
    assert_int_equal(service_counts(host.service).refused_stored, 1);
    host_advance(&host, 86400);
    assert_int_equal(host_join(&host, &bob, NULL), POST_STORED);
    host_close(&host);
}

static void a_senders_records_are_bounded_over_all_buckets(void **state)
{
    struct service_settings settings = host_settings();
    struct post_refusal refusals[3];
    uint8_t records[3 * RECORD_ADDRESSED_BYTES];
    struct post post;
    (void)state;
    settings.rules.capacity = 2;
    settings.rules.records_per_sender_max = 3;
    set_up(&settings);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &bob, NULL), POST_STORED);
    assert_int_equal(host_join(&host, &carl, NULL), POST_STORED);
    assert_int_equal(host_send(&host, &ada, &bob, RECORD_T2, 1, bob.bucket.bucket_hash, &post),
                     POST_STORED);
    assert_int_equal(host_send(&host, &ada, &carl, RECORD_T2, 1, carl.bucket.bucket_hash, &post),
                     POST_STORED);
    /* One that stands, one there is room for, one too many. */
    for (size_t i = 0; i < 3; i++) {
        uint8_t *record = records + i * RECORD_ADDRESSED_BYTES;
        memcpy(record, ada.id, ID_BYTES);
        memcpy(record + ID_BYTES, bob.id, ID_BYTES);
        memset(record + 2 * ID_BYTES, 1, RECORD_BODY_BYTES);
    }
    post = (struct post){
        .kind = &post_records,
        .bucket_hash = bob.bucket.bucket_hash,
        .key_hash = ada.key_hash,
        .record_kind = RECORD_T2,
        .records = records,
        .record_count = 1,
        .refusals = refusals,
    };
    assert_int_equal(host_post(&host, &post), POST_STORED);
    assert_true(post.stored == 0 && post.duplicate == 1 && post.refused == 0);
    post.record_kind = RECORD_T3;
    assert_int_equal(host_post(&host, &post), POST_STORED);
    assert_true(post.stored == 1 && post.refused == 0);
    struct host_t1 *const addressees[] = {&carl, &carl, &carl};
    for (size_t i = 0; i < 3; i++) {
        memcpy(records + i * RECORD_ADDRESSED_BYTES + ID_BYTES, addressees[i]->id, ID_BYTES);
        memset(records + i * RECORD_ADDRESSED_BYTES + 2 * ID_BYTES, i == 0 ? 1 : 2,
               RECORD_BODY_BYTES);
    }
    post.bucket_hash = carl.bucket.bucket_hash;
    post.record_kind = RECORD_T2;
    post.record_count = 2;
    assert_int_equal(host_post(&host, &post), POST_STORED);
    assert_true(post.duplicate == 1 && post.refused == 1 && refusals[0].reason == -EBUSY);
    post.record_kind = RECORD_T3;
    assert_int_equal(host_post(&host, &post), POST_STORED);
    assert_true(post.stored == 0 && post.refused == 2);
    assert_true(refusals[0].index == 0 && refusals[0].reason == -EDQUOT);
    assert_true(refusals[1].index == 1 && refusals[1].reason == -EDQUOT);
    assert_int_equal(service_counts(host.service).refused_sender, 2);
    host_close(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_too_many_is_refused_until_one_dies),
        cmocka_unit_test(a_full_store_takes_no_posts_until_something_expires),
        cmocka_unit_test(a_senders_records_are_bounded_over_all_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
