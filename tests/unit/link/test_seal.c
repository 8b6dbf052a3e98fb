#include "lib/test.h"

#include <string.h>

#include "base/secret.h"
#include "link/seal.h"

static const uint8_t key[LINK_KEY_BYTES] = {1, 2, 3};
static const uint8_t other_key[LINK_KEY_BYTES] = {3, 2, 1};

enum { SLOTS = 64 };

static void fill(struct seeded *seeded, uint8_t *bytes, size_t count)
{
    struct random_source source = seeded_source(seeded);
    random_fill(&source, bytes, count);
}

static void any_length_comes_back(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    for (size_t length = 1; length <= LINK_TEXT_BYTES_MAX; length++) {
        uint8_t text[LINK_TEXT_BYTES_MAX], opened[LINK_TEXT_BYTES_MAX], blob[LINK_BLOB_BYTES];
        size_t bytes = 0;
        fill(&seeded, text, length);
        assert_int_equal(link_seal(blob, key, text, length), 0);
        assert_int_equal(link_open(opened, &bytes, key, blob), 0);
        assert_int_equal(bytes, length);
        assert_memory_equal(opened, text, length);
    }
}

static void no_link_and_a_long_one_are_refused(void **state)
{
    (void)state;
    const uint8_t text[LINK_TEXT_BYTES_MAX + 1] = {'x'};
    uint8_t blob[LINK_BLOB_BYTES] = {7};
    assert_int_equal(link_seal(blob, key, text, 0), -EMSGSIZE);
    assert_int_equal(link_seal(blob, key, text, LINK_TEXT_BYTES_MAX + 1), -EMSGSIZE);
    assert_int_equal(blob[0], 7);
}

static void an_altered_blob_does_not_open(void **state)
{
    (void)state;
    uint8_t blob[LINK_BLOB_BYTES], opened[LINK_TEXT_BYTES_MAX] = {9};
    size_t bytes = 77;
    assert_int_equal(link_seal(blob, key, (const uint8_t *)"link", 4), 0);
    for (size_t bit = 0; bit < 8 * LINK_BLOB_BYTES; bit++) {
        blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(link_open(opened, &bytes, key, blob), -EBADMSG);
        blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(link_open(opened, &bytes, other_key, blob), -EBADMSG);
    assert_int_equal(opened[0], 9);
    assert_int_equal(bytes, 77);
}

static void one_of_many_is_found_wherever_it_stands(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    static uint8_t blobs[SLOTS * LINK_BLOB_BYTES];
    for (size_t place = 0; place < SLOTS; place++) {
        uint8_t opened[LINK_TEXT_BYTES_MAX];
        size_t bytes = 0;
        fill(&seeded, blobs, sizeof blobs);
        assert_int_equal(
            link_seal(blobs + place * LINK_BLOB_BYTES, key, (const uint8_t *)"here", 4), 0);
        assert_int_equal(link_open_any(opened, &bytes, key, blobs, SLOTS), 0);
        assert_int_equal(bytes, 4);
        assert_memory_equal(opened, "here", 4);
        assert_int_equal(link_open_any(opened, &bytes, other_key, blobs, SLOTS), -ENOENT);
    }
}

static void a_repeated_blob_is_noticed(void **state)
{
    (void)state;
    static uint8_t blobs[SLOTS * LINK_BLOB_BYTES];
    uint8_t opened[LINK_TEXT_BYTES_MAX] = {9};
    size_t bytes = 77;
    assert_int_equal(link_seal(blobs, key, (const uint8_t *)"here", 4), 0);
    memcpy(blobs + 63 * LINK_BLOB_BYTES, blobs, LINK_BLOB_BYTES);
    assert_int_equal(link_open_any(opened, &bytes, key, blobs, SLOTS), -EBADMSG);
    assert_int_equal(opened[0], 9);
    assert_int_equal(bytes, 77);
}

static void an_empty_passphrase_makes_no_key(void **state)
{
    (void)state;
    const uint8_t salt[LINK_SALT_BYTES] = {0};
    uint8_t made[LINK_KEY_BYTES] = {5};
    assert_int_equal(link_key(made, (const uint8_t *)"", 0, salt), -EINVAL);
    assert_int_equal(made[0], 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_length_comes_back),
        cmocka_unit_test(no_link_and_a_long_one_are_refused),
        cmocka_unit_test(an_altered_blob_does_not_open),
        cmocka_unit_test(one_of_many_is_found_wherever_it_stands),
        cmocka_unit_test(a_repeated_blob_is_noticed),
        cmocka_unit_test(an_empty_passphrase_makes_no_key),
    };
    return secret_init() ? 1 : cmocka_run_group_tests_name("link/seal", tests, NULL, NULL);
}
