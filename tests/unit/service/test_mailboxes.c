#include "lib/host.h"

#include <sodium.h>
#include <string.h>

#include "group/delivery.h"

/* Mailboxes of a service whose store fails, or is full. */

static struct host host;
static const uint8_t *public_key;
static const uint8_t ada[MAILBOX_ID_BYTES] = {1}, nobody[MAILBOX_ID_BYTES] = {2};

static void open_host(uint64_t stored_bytes_max)
{
    struct service_settings settings = host_settings_with_mailboxes();
    public_key = settings.box_public;
    settings.stored_bytes_max = stored_bytes_max;
    host_open_with(&host, &settings);
}

static int set_up(void **state)
{
    (void)state;
    open_host(UINT64_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_close(&host);
    return 0;
}

static enum post_outcome post(const struct post_kind *kind, const uint8_t *id)
{
    struct post post = {.kind = kind, .mailbox_cursor = UINT64_MAX};
    memcpy(post.mailbox_id, id, MAILBOX_ID_BYTES);
    return host_post(&host, &post);
}

/* Deliver a new copy; with `bytes` less than GROUP_DELIVERY_BYTES a part of that. */
static enum post_outcome deliver(const uint8_t *id, size_t bytes)
{
    uint8_t token[GROUP_TOKEN_BYTES], copy[COPY_BYTES] = {0}, ephemeral[2][GROUP_KEY_BYTES];
    uint8_t delivery[GROUP_DELIVERY_BYTES], opened[COPY_BYTES];
    struct post post;
    randombytes_buf(ephemeral, sizeof ephemeral);
    assert_int_equal(group_token_make(token, id, public_key, ephemeral[0]), 0);
    memcpy(copy, token, COPY_R_BYTES);
    assert_int_equal(group_delivery_make(delivery, token, copy, public_key, ephemeral[1]), 0);
    service_take_delivery(host.service, &post, opened, delivery, bytes);
    return host_post(&host, &post);
}

static size_t copies(void)
{
    struct blob blob;
    struct mailbox_page page;
    assert_int_equal(service_mailbox(host.service, ada, 0, 10, &blob, &page), 0);
    assert_int_equal(blob.bytes, page.count * COPY_BYTES);
    blob_free(&blob);
    return page.count;
}

/* One that is dropped is answered after a commit, as one that is kept. */
static void every_delivery_waits_for_a_commit(void **state)
{
    (void)state;
    assert_int_equal(post(&post_mailbox, ada), POST_STORED);
    const struct {
        const uint8_t *id;
        size_t bytes;
    } deliveries[] = {{ada, GROUP_DELIVERY_BYTES},     {nobody, GROUP_DELIVERY_BYTES},
                      {ada, GROUP_DELIVERY_BYTES - 1}, {ada, 0},
                      {ada, GROUP_DELIVERY_BYTES},     {ada, GROUP_DELIVERY_BYTES}};
    for (size_t i = 0; i < sizeof deliveries / sizeof deliveries[0]; i++) {
        uint64_t commits = service_counts(host.service).commits;
        assert_int_equal(deliver(deliveries[i].id, deliveries[i].bytes), POST_STORED);
        assert_int_equal(service_counts(host.service).commits, commits + 1);
    }
    assert_int_equal(copies(), 2);
    const struct service_counts counts = service_counts(host.service);
    assert_true(counts.deliveries == 6 && counts.copies_stored == 2);
    assert_true(counts.mailboxes == 1 && counts.mailbox_copies == 2 && counts.mailbox_bytes > 0);
}

static void a_store_that_fails_refuses_all_alike_and_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(post(&post_mailbox, ada), POST_STORED);
    assert_int_equal(deliver(ada, GROUP_DELIVERY_BYTES), POST_STORED);
    failing_store_fail(host.store, -EIO);
    assert_int_equal(deliver(ada, GROUP_DELIVERY_BYTES), POST_UNAVAILABLE);
    assert_int_equal(deliver(nobody, GROUP_DELIVERY_BYTES), POST_UNAVAILABLE);
    assert_int_equal(deliver(ada, 0), POST_UNAVAILABLE);
    assert_int_equal(post(&post_mailbox, nobody), POST_UNAVAILABLE);
    assert_int_equal(post(&post_mailbox_removal, ada), POST_UNAVAILABLE);
    assert_int_equal(post(&post_mailbox_closing, ada), POST_UNAVAILABLE);
    failing_store_fail(host.store, 0);
    assert_int_equal(copies(), 1);
    assert_int_equal(post(&post_mailbox_removal, nobody), POST_NO_MAILBOX);
    assert_int_equal(deliver(ada, GROUP_DELIVERY_BYTES), POST_STORED);
    assert_int_equal(copies(), 2);
    assert_int_equal(post(&post_mailbox_removal, ada), POST_STORED);
    assert_int_equal(copies(), 0);
    assert_int_equal(post(&post_mailbox_closing, ada), POST_STORED);
    assert_int_equal(post(&post_mailbox_closing, ada), POST_STOOD);
    assert_int_equal(post(&post_mailbox, ada), POST_MAILBOX_CLOSED);
}

static void a_full_store_refuses_all_alike(void **state)
{
    (void)state;
    host_close(&host);
    open_host(1); /* anything is as much as may be */
    assert_int_equal(post(&post_mailbox, ada), POST_STORED);
    assert_int_equal(post(&post_mailbox, nobody), POST_STORE_FULL);
    assert_int_equal(post(&post_mailbox, ada), POST_RAISED);
    assert_int_equal(deliver(ada, GROUP_DELIVERY_BYTES), POST_STORE_FULL);
    assert_int_equal(deliver(nobody, GROUP_DELIVERY_BYTES), POST_STORE_FULL);
    assert_int_equal(deliver(ada, 1), POST_STORE_FULL);
    assert_int_equal(post(&post_mailbox_removal, ada), POST_STORED);
}

static void time_ends_copies_and_mailboxes(void **state)
{
    (void)state;
    assert_int_equal(post(&post_mailbox, ada), POST_STORED);
    assert_int_equal(deliver(ada, GROUP_DELIVERY_BYTES), POST_STORED);
    host_advance(&host, 86400 + 3600);
    const struct service_counts counts = service_counts(host.service);
    assert_true(counts.mailboxes == 0 && counts.mailbox_copies == 0 && counts.mailbox_bytes == 0);
    assert_int_equal(post(&post_mailbox_closing, ada), POST_NO_MAILBOX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_delivery_waits_for_a_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_store_that_fails_refuses_all_alike_and_changes_nothing,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_store_refuses_all_alike, set_up, tear_down),
        cmocka_unit_test_setup_teardown(time_ends_copies_and_mailboxes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
