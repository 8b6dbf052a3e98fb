#include "lib/host.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/hash.h"
#include "service/state.h"

/* Stamps, from a post to what readers are told of it. */

/* A stamp worth CLEAR is not taken for one of the hour before that is worth more by chance. */
enum { FREE = 2, HOUR_S = 3600, ENOUGH_TRIES = 100000, CLEAR = 256 };

static struct host host;

static int set_up(void **state)
{
    struct service_settings settings = host_settings();
    (void)state;
    settings.rules.t1_free = FREE;
    host_open_with(&host, &settings);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_close(&host);
    return 0;
}

static struct stamp_terms terms(void)
{
    struct stamp_terms reported;
    service_stamp_terms(host.service, NULL, &reported);
    return reported;
}

/* A nonce worth at least `effort` for a record. Returns: what it is worth. */
static uint32_t work(char kind, const uint8_t record[static ID_BYTES],
                     const uint8_t challenge[static STAMP_CHALLENGE_BYTES], uint32_t effort,
                     uint8_t nonce[static STAMP_NONCE_BYTES])
{
    struct stamp_subject subject = {.kind = kind};
    struct stamp_search search;
    const struct stamp_goal goal = {.effort = effort};
    memcpy(subject.record, record, ID_BYTES);
    memcpy(subject.challenge, challenge, STAMP_CHALLENGE_BYTES);
    assert_int_equal(stamp_search_open(&search, &subject, &random_system), 0);
    assert_int_equal(stamp_search_run(&search, &goal, ENOUGH_TRIES, NULL), 0);
    memcpy(nonce, search.best_nonce, STAMP_NONCE_BYTES);
    stamp_search_close(&search);
    return search.best_effort;
}

static struct post post_of(const struct host_t1 *t1)
{
    struct post post = {.kind = &post_t1, .t1 = {.bytes = t1->bytes, .keyed = true}};
    memcpy(post.t1.id, t1->id, ID_BYTES);
    memcpy(post.t1.key_hash, t1->key_hash, ID_BYTES);
    return post;
}

static enum post_outcome join_paid(struct host_t1 *t1, const uint8_t *nonce)
{
    struct post post = post_of(t1);
    enum post_outcome outcome = host_post_stamped(&host, &post, nonce, 1);
    if (outcome == POST_STORED || outcome == POST_RAISED)
        t1->bucket = post.bucket;
    return outcome;
}

static void fill(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct host_t1 t1;
        host_t1(&t1);
        assert_int_equal(host_join(&host, &t1, NULL), POST_STORED);
    }
}

static struct reported_stamp reported_of(const struct host_t1 *t1)
{
    uint8_t bytes[RECORD_T1_BYTES], bucket_hash[ID_BYTES];
    struct reported_stamp reported;
    assert_int_equal(service_t1(host.service, t1->id, bytes, bucket_hash, &reported), 0);
    return reported;
}

static void whoever_pays_is_taken_and_whoever_does_not_is_reported(void **state)
{
    (void)state;
    struct host_t1 t1;
    uint8_t nonce[STAMP_NONCE_BYTES];
    fill(FREE);
    host_t1(&t1);
    struct post post = post_of(&t1);
    assert_int_equal(host_post(&host, &post), POST_UNPAID);
    assert_int_equal(post.asked, 16);
    assert_int_equal(terms().t1_effort, 16);
    assert_true(terms().t1_free_s > 0);
    uint32_t effort = work(STAMP_KIND_T1, t1.id, terms().challenge, CLEAR, nonce);
    assert_int_equal(join_paid(&t1, nonce), POST_STORED);
    struct reported_stamp reported = reported_of(&t1);
    assert_memory_equal(reported.stamp.nonce, nonce, sizeof nonce);
    assert_int_equal(reported.stamp.effort, effort);
    assert_int_equal(reported.stamp.hour, HOST_NOON_S / HOUR_S);
    assert_memory_equal(reported.challenge, terms().challenge, sizeof reported.challenge);
}

/* Stamps for other things are wrong but for those that chance makes worth 16: one in eight. */
static void stamps_for_other_things_are_wrong(void **state)
{
    (void)state;
    struct host_t1 t1, other;
    uint8_t nonce[STAMP_NONCE_BYTES], challenge[STAMP_CHALLENGE_BYTES] = {7};
    unsigned wrong = 0;
    fill(FREE);
    for (int i = 0; i < 4; i++) {
        host_t1(&t1);
        host_t1(&other);
        const struct {
            char kind;
            const uint8_t *record, *challenge;
        } cases[] = {
            {STAMP_KIND_T1, other.id, terms().challenge}, /* another record */
            {STAMP_KIND_LINK, t1.id, terms().challenge},  /* another kind */
            {STAMP_KIND_T1, t1.id, challenge},            /* another server */
        };
        for (size_t each = 0; each < 3; each++) {
            work(cases[each].kind, cases[each].record, cases[each].challenge, 64, nonce);
            wrong += join_paid(&t1, nonce) == POST_WRONG_STAMP ? 1 : 0;
        }
    }
    /* Of twelve, one and a half are not, in the mean; seven once in ten thousand runs. */
    assert_true(wrong >= 6);
}

static void a_challenge_counts_for_its_hour_and_the_next(void **state)
{
    (void)state;
    struct host_t1 t1, late;
    uint8_t nonce[STAMP_NONCE_BYTES], later[STAMP_NONCE_BYTES];
    struct stamp_terms now = terms();
    assert_int_equal(now.until_s % HOUR_S, 0);
    assert_in_range(now.until_s, HOST_NOON_S + 1, HOST_NOON_S + HOUR_S);
    host_t1(&t1);
    host_t1(&late);
    work(STAMP_KIND_T1, t1.id, now.challenge, 512, nonce);
    work(STAMP_KIND_T1, late.id, now.challenge, 512, later);
    host_advance(&host, HOUR_S);
    assert_memory_not_equal(terms().challenge, now.challenge, sizeof now.challenge);
    assert_int_equal(join_paid(&t1, nonce), POST_STORED);
    struct reported_stamp reported = reported_of(&t1);
    /* Once in 256 runs of this hour's challenge chance gives it as much. */
    if (reported.stamp.hour == HOST_NOON_S / HOUR_S)
        assert_memory_equal(reported.challenge, now.challenge, sizeof reported.challenge);
    host_advance(&host, HOUR_S);
    enum post_outcome outcome = join_paid(&late, later);
    assert_true(outcome == POST_WRONG_STAMP || reported_of(&late).stamp.effort < 512);
}

static void a_better_stamp_replaces_the_one_that_stands(void **state)
{
    (void)state;
    struct host_t1 t1, thief;
    uint8_t nonce[STAMP_NONCE_BYTES], better[STAMP_NONCE_BYTES];
    host_t1(&t1);
    uint32_t first = work(STAMP_KIND_T1, t1.id, terms().challenge, CLEAR, nonce);
    assert_int_equal(join_paid(&t1, nonce), POST_STORED);
    assert_int_equal(join_paid(&t1, nonce), POST_STOOD);
    fill(FREE - 1); /* a price is asked now, but not for that */
    uint32_t second = work(STAMP_KIND_T1, t1.id, terms().challenge, 2 * first, better);
    thief = t1;
    memset(thief.key_hash, 7, sizeof thief.key_hash);
    assert_int_equal(join_paid(&thief, better), POST_WRONG_KEY);
    uint32_t price = terms().t1_effort;
    assert_int_equal(join_paid(&t1, better), POST_RAISED);
    assert_int_equal(terms().t1_effort, price);
    assert_int_equal(reported_of(&t1).stamp.effort, second);
    assert_int_equal(join_paid(&t1, nonce), POST_STOOD);
    assert_int_equal(reported_of(&t1).stamp.effort, second);
}

static void a_raise_that_is_not_durable_was_not_made(void **state)
{
    (void)state;
    struct host_t1 t1;
    uint8_t nonce[STAMP_NONCE_BYTES];
    host_t1(&t1);
    assert_int_equal(host_join(&host, &t1, NULL), POST_STORED);
    work(STAMP_KIND_T1, t1.id, terms().challenge, 16, nonce);
    failing_store_fail(host.store, -ENOSPC);
    assert_int_equal(join_paid(&t1, nonce), POST_UNAVAILABLE);
    assert_int_equal(reported_of(&t1).stamp.effort, 0);
    failing_store_fail(host.store, 0);
    assert_int_equal(join_paid(&t1, nonce), POST_RAISED);
    assert_true(reported_of(&t1).stamp.effort >= 16);
}

static void stamps_of_a_bucket_are_read_together(void **state)
{
    (void)state;
    struct host_t1 paid, unpaid;
    uint8_t nonce[STAMP_NONCE_BYTES];
    struct blob stamps;
    bool more = true;
    host_t1(&paid);
    host_t1(&unpaid);
    uint32_t effort = work(STAMP_KIND_T1, paid.id, terms().challenge, CLEAR, nonce);
    assert_int_equal(host_join(&host, &unpaid, NULL), POST_STORED);
    assert_int_equal(
        service_stamps(host.service, unpaid.bucket.bucket_hash, NULL, SIZE_MAX, &stamps, &more), 0);
    assert_int_equal(stamps.bytes, 1 + STAMPS_T1_BYTES);
    assert_int_equal(stamps.data[0], 0);
    blob_free(&stamps);
    assert_int_equal(join_paid(&paid, nonce), POST_STORED);
    assert_int_equal(
        service_stamps(host.service, paid.bucket.bucket_hash, NULL, SIZE_MAX, &stamps, &more), 0);
    assert_false(more);
    assert_int_equal(stamps.bytes, 1 + 8 + STAMP_CHALLENGE_BYTES + 2 * STAMPS_T1_BYTES);
    struct cursor cursor = cursor_over(stamps.data, stamps.bytes);
    assert_int_equal(cursor_u8(&cursor), 1);
    assert_int_equal(cursor_be64(&cursor), HOST_NOON_S / HOUR_S);
    assert_memory_equal(cursor_take(&cursor, STAMP_CHALLENGE_BYTES), terms().challenge,
                        STAMP_CHALLENGE_BYTES);
    const uint8_t *last = NULL;
    for (int i = 0; i < 2; i++) {
        static const uint8_t none[STAMP_NONCE_BYTES];
        const uint8_t *id = cursor_take(&cursor, ID_BYTES);
        bool is_paid = memcmp(id, paid.id, ID_BYTES) == 0;
        assert_true(!last || memcmp(last, id, ID_BYTES) < 0);
        last = id;
        assert_int_equal(cursor_be64(&cursor), is_paid ? HOST_NOON_S / HOUR_S : 0);
        assert_memory_equal(cursor_take(&cursor, STAMP_NONCE_BYTES), is_paid ? nonce : none,
                            STAMP_NONCE_BYTES);
        assert_int_equal(cursor_be32(&cursor), is_paid ? effort : 0);
    }
    assert_int_equal(cursor_finish(&cursor), 0);
    blob_free(&stamps);
}

static void links_are_paid_for_as_well(void **state)
{
    (void)state;
    uint8_t blob[LINK_BLOB_BYTES] = {0}, id[ID_BYTES], nonce[STAMP_NONCE_BYTES];
    struct post post = {.kind = &post_link, .given = blob};
    for (int i = 0; i < 64; i++) {
        blob[0] = (uint8_t)i;
        assert_int_equal(host_post(&host, &post), POST_STORED);
    }
    blob[0] = 64;
    assert_int_equal(host_post(&host, &post), POST_UNPAID);
    assert_int_equal(post.asked, 16);
    assert_int_equal(terms().link_effort, 16);
    assert_int_equal(terms().t1_effort, 0);
    hash_bytes(id, blob, sizeof blob);
    work(STAMP_KIND_LINK, id, terms().challenge, 16, nonce);
    post = (struct post){.kind = &post_link, .given = blob};
    assert_int_equal(host_post_stamped(&host, &post, nonce, 0), POST_STORED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whoever_pays_is_taken_and_whoever_does_not_is_reported,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(stamps_for_other_things_are_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_challenge_counts_for_its_hour_and_the_next, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_better_stamp_replaces_the_one_that_stands, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_raise_that_is_not_durable_was_not_made, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(stamps_of_a_bucket_are_read_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_are_paid_for_as_well, set_up, tear_down),
    };
    return secret_init() ? 1 : cmocka_run_group_tests_name("service/stamps", tests, NULL, NULL);
}
