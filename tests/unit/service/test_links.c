#include "lib/host.h"

#include <string.h>

#include "crypto/hash.h"
#include "service/state.h"

/* Private links in a service that may keep no content in memory: buckets are read back, again and
 * again. */

enum { LIFETIME_S = 86400 };

static struct host host;

static int set_up(void **state)
{
    struct service_settings settings = host_settings();
    (void)state;
    settings.rules.cache_bytes_max = 0;
    host_open_with(&host, &settings);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_close(&host);
    return 0;
}

/* Post a blob all of whose bytes are `fill`. Returns: the outcome. */
static enum post_outcome leave(uint8_t fill, struct bucket_facts *bucket)
{
    uint8_t blob[LINK_BLOB_BYTES];
    struct post post = {.kind = &post_link, .given = blob};
    memset(blob, fill, sizeof blob);
    enum post_outcome outcome = host_post(&host, &post);
    *bucket = post.bucket;
    return outcome;
}

static struct blob read_bucket(const struct bucket_facts *bucket)
{
    struct blob places = {0};
    struct bucket_facts facts;
    uint8_t tag[ID_BYTES];
    assert_int_equal(service_links(host.service, bucket->bucket_hash, &places, &facts, tag), 0);
    assert_int_equal(places.bytes, LINK_BUCKET_BYTES);
    return places;
}

static bool has(const struct blob *places, uint8_t fill)
{
    uint8_t blob[LINK_BLOB_BYTES];
    memset(blob, fill, sizeof blob);
    return memmem(places->data, places->bytes, blob, sizeof blob) != NULL;
}

static void nothing_is_missing_and_nothing_else_changes(void **state)
{
    struct bucket_facts first, next;
    (void)state;
    assert_int_equal(leave(1, &first), POST_STORED);
    assert_true(first.open && !first.closed && first.count == 0);
    assert_true(first.expires_s == HOST_NOON_S + LIFETIME_S);
    struct blob before = read_bucket(&first);
    for (uint8_t fill = 2; fill < 10; fill++) {
        assert_int_equal(leave(fill, &next), POST_STORED);
        assert_memory_equal(next.bucket_hash, first.bucket_hash, ID_BYTES);
        assert_int_equal(leave(1, &next), POST_STOOD);
        assert_memory_equal(next.bucket_hash, first.bucket_hash, ID_BYTES);
    }
    struct blob after = read_bucket(&first);
    size_t changed = 0;
    for (size_t i = 0; i < LINK_BUCKET_BYTES; i += LINK_BLOB_BYTES)
        changed += memcmp(before.data + i, after.data + i, LINK_BLOB_BYTES) != 0 ? 1 : 0;
    assert_int_equal(changed, 8);
    for (uint8_t fill = 1; fill < 10; fill++)
        assert_true(has(&after, fill));
    blob_free(&before);
    blob_free(&after);
    struct service_counts counts = service_counts(host.service);
    assert_true(counts.evicted_reads > 10 && counts.links_stored == 9);
}

static void a_closed_bucket_has_a_tag_of_what_is_there(void **state)
{
    struct bucket_facts bucket, facts;
    struct blob places = {0};
    uint8_t tag[ID_BYTES], same[ID_BYTES], expected[ID_BYTES];
    (void)state;
    assert_int_equal(leave(1, &bucket), POST_STORED);
    host_advance(&host, 3600);
    assert_int_equal(service_links(host.service, bucket.bucket_hash, &places, &facts, tag), 0);
    assert_true(facts.closed && !facts.open);
    hash_bytes(expected, places.data, places.bytes);
    assert_memory_equal(tag, expected, sizeof tag);
    blob_free(&places);
    assert_int_equal(service_links(host.service, bucket.bucket_hash, &places, &facts, same), 0);
    assert_memory_equal(tag, same, sizeof tag);
    blob_free(&places);
}

static void what_cannot_be_read_is_refused_and_comes_back(void **state)
{
    struct bucket_facts bucket, facts;
    struct blob places = {0};
    uint8_t tag[ID_BYTES];
    (void)state;
    assert_int_equal(leave(1, &bucket), POST_STORED);
    failing_store_fail_reading(host.store, -EIO);
    assert_int_equal(service_links(host.service, bucket.bucket_hash, &places, &facts, tag), -EIO);
    assert_int_equal(leave(2, &facts), POST_UNAVAILABLE);
    failing_store_fail_reading(host.store, 0);
    failing_store_fail(host.store, -ENOSPC);
    assert_int_equal(leave(2, &facts), POST_UNAVAILABLE);
    failing_store_fail(host.store, 0);
    places = read_bucket(&bucket);
    assert_true(has(&places, 1) && !has(&places, 2));
    blob_free(&places);
    assert_int_equal(leave(2, &facts), POST_STORED);
}

/* Readers of the store that load links in another way, until they are restored. */

static const struct store_reader_methods *methods;
static struct store_reader_methods changed;

static void set_methods(const struct store_reader_methods *wanted)
{
    struct evicted_readers *evicted = &host.service->evicted;
    for (size_t i = 0; i < evicted->free_count; i++)
        evicted->free[i]->methods = wanted;
    host.service->writers_reader->methods = wanted;
}

static void change_loading(int (*load_links)(struct store_reader *reader,
                                             const struct bucket_id *id,
                                             const struct store_link_visitor *visitor))
{
    methods = host.service->writers_reader->methods;
    changed = *methods;
    changed.load_links = load_links;
    set_methods(&changed);
}

static int load_links_late(struct store_reader *reader, const struct bucket_id *id,
                           const struct store_link_visitor *visitor)
{
    host_advance(&host, LIFETIME_S);
    return methods->load_links(reader, id, visitor);
}

/* Between a reader's looking for it and its being read back. */
static void one_that_expires_while_it_is_read_is_gone(void **state)
{
    struct bucket_facts bucket, facts;
    struct blob places = {0};
    uint8_t tag[ID_BYTES];
    (void)state;
    assert_int_equal(leave(1, &bucket), POST_STORED);
    change_loading(load_links_late);
    assert_int_equal(service_links(host.service, bucket.bucket_hash, &places, &facts, tag),
                     -EKEYEXPIRED);
    assert_int_equal(service_counts(host.service).evicted_read_failures, 0);
    set_methods(methods);
}

static int load_nothing(struct store_reader *reader, const struct bucket_id *id,
                        const struct store_link_visitor *visitor)
{
    (void)reader;
    (void)id;
    (void)visitor;
    return 0;
}

/* Nor is one loaded whose seed the store has twice. */
static int load_twice(struct store_reader *reader, const struct bucket_id *id,
                      const struct store_link_visitor *visitor)
{
    int err = methods->load_links(reader, id, visitor);
    return err ? err : methods->load_links(reader, id, visitor);
}

static void one_that_is_not_there_once_is_a_fault(void **state)
{
    struct bucket_facts bucket, facts;
    struct blob places = {0};
    uint8_t tag[ID_BYTES];
    (void)state;
    assert_int_equal(leave(1, &bucket), POST_STORED);
    change_loading(load_nothing);
    assert_int_equal(service_links(host.service, bucket.bucket_hash, &places, &facts, tag), -EIO);
    assert_int_equal(leave(2, &facts), POST_UNAVAILABLE);
    set_methods(methods);
    change_loading(load_twice);
    assert_int_equal(service_links(host.service, bucket.bucket_hash, &places, &facts, tag), -EIO);
    set_methods(methods);
    assert_int_equal(leave(2, &facts), POST_STORED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_missing_and_nothing_else_changes),
        TEST(a_closed_bucket_has_a_tag_of_what_is_there),
        TEST(what_cannot_be_read_is_refused_and_comes_back),
        TEST(one_that_expires_while_it_is_read_is_gone),
        TEST(one_that_is_not_there_once_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
