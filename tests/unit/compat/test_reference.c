#include "compat/reference.h"

#include <string.h>

#include "lib/host.h"

/* What the reference's endpoints take. */

static struct host host;

static int set_up(void **state)
{
    (void)state;
    host_open(&host);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_close(&host);
    return 0;
}

static void only_what_is_new_comes_from_the_reference(void **state)
{
    struct post post;
    uint8_t bodies[3 * RECORD_UNADDRESSED_BYTES] = {0};
    struct host_t1 ada, guest;
    (void)state;
    host_t1(&ada);
    assert_int_equal(host_join(&host, &ada, NULL), POST_STORED);
    host_t1(&guest);
    assert_int_equal(
        reference_post_new(host.reference, RECORD_T1, ada.bytes, sizeof ada.bytes, &post), -EEXIST);
    assert_int_equal(reference_post_new(host.reference, RECORD_T1, guest.bytes, 287, &post),
                     -EMSGSIZE);
    assert_int_equal(reference_post_new(host.reference, RECORD_T1, NULL, 0, &post), -EEXIST);
    assert_int_equal(
        reference_post_new(host.reference, RECORD_T1, guest.bytes, sizeof guest.bytes, &post), 0);
    assert_int_equal(host_post(&host, &post), POST_STORED);
    reference_post_free(&post);
    /* One of a keyed sender, one of a stranger, one of the guest. */
    memcpy(bodies, ada.id, ID_BYTES);
    memcpy(bodies + 2 * RECORD_UNADDRESSED_BYTES, guest.id, ID_BYTES);
    assert_int_equal(reference_post_new(host.reference, RECORD_T2, bodies, sizeof bodies, &post),
                     0);
    assert_int_equal(post.record_count, 1);
    assert_int_equal(host_post(&host, &post), POST_STORED);
    assert_int_equal(post.stored, 1);
    reference_post_free(&post);
    assert_int_equal(reference_post_new(host.reference, RECORD_T2, bodies, sizeof bodies, &post),
                     -EEXIST);
    struct reference_counts counts = reference_counts(host.reference);
    assert_true(counts.malformed == 1 && counts.dropped == 2);
}

static void a_post_of_another_kind_is_left_as_it_is(void **state)
{
    struct post post = {.kind = &post_probe, .record_count = 7};
    (void)state;
    reference_post_free(&post);
    assert_int_equal(post.record_count, 7);
    reference_close(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(only_what_is_new_comes_from_the_reference),
        TEST(a_post_of_another_kind_is_left_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
