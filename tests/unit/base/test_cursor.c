#include "lib/test.h"

#include <string.h>

#include "base/cursor.h"

static void reads_in_order(void **state)
{
    (void)state;
    static const uint8_t data[] = {7, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0xaa, 0xbb, 0xfe, 0xff};
    struct cursor cursor = cursor_over(data, sizeof data);
    uint8_t tail[2];

    assert_int_equal(cursor_u8(&cursor), 7);
    assert_int_equal(cursor_be32(&cursor), 0x0102);
    assert_int_equal(cursor_be64(&cursor), 0x0304);
    assert_int_equal(cursor_finish(&cursor), -EBADMSG);
    cursor_copy(&cursor, tail, sizeof tail);
    assert_memory_equal(tail, data + 13, sizeof tail);
    assert_int_equal(cursor_be16(&cursor), 0xfeff);
    assert_int_equal(cursor_finish(&cursor), 0);
}

static void taken_bytes_are_the_owners(void **state)
{
    (void)state;
    static const uint8_t data[] = {1, 2, 3};
    struct cursor cursor = cursor_over(data, sizeof data);
    assert_ptr_equal(cursor_take(&cursor, 3), data);
    assert_int_equal(cursor.left, 0);
}

static void reading_past_the_end_fails_for_good(void **state)
{
    (void)state;
    static const uint8_t data[] = {1, 2, 3};
    struct cursor cursor = cursor_over(data, sizeof data);
    uint8_t out[4] = {9, 9, 9, 9};

    cursor_copy(&cursor, out, sizeof out);
    assert_memory_equal(out, "\0\0\0\0", sizeof out);
    /* Three bytes are left, yet nothing is given any more. */
    assert_int_equal(cursor_u8(&cursor), 0);
    assert_null(cursor_take(&cursor, 1));
    assert_int_equal(cursor_finish(&cursor), -EBADMSG);
}

static void lengths_near_the_address_space_do_not_wrap(void **state)
{
    (void)state;
    static const uint8_t data[] = {1};
    struct cursor cursor = cursor_over(data, sizeof data);
    assert_null(cursor_take(&cursor, SIZE_MAX));
    assert_int_equal(cursor_finish(&cursor), -EBADMSG);
}

static void nothing_can_be_read_from_nothing(void **state)
{
    (void)state;
    struct cursor cursor = cursor_over(NULL, 0);
    cursor_copy(&cursor, NULL, 0);
    assert_int_equal(cursor_finish(&cursor), 0);
    assert_int_equal(cursor_be64(&cursor), 0);
    assert_int_equal(cursor_finish(&cursor), -EBADMSG);
}

static void a_cut_integer_is_zero(void **state)
{
    (void)state;
    static const uint8_t data[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct cursor cursor = cursor_over(data, 3);
    assert_int_equal(cursor_be32(&cursor), 0);
    /* The first half of these eight bytes is there, the second is not. */
    cursor = cursor_over(data, sizeof data);
    cursor_be64(&cursor);
    assert_true(cursor.failed);
}

static void puts_are_read_back(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    for (int i = 0; i < 1000; i++) {
        uint8_t bytes[12];
        uint64_t wide = seeded_next(&seeded);
        uint32_t narrow = (uint32_t)seeded_next(&seeded);
        put_be64(bytes, wide);
        put_be32(bytes + 8, narrow);
        struct cursor cursor = cursor_over(bytes, sizeof bytes);
        assert_true(cursor_be64(&cursor) == wide);
        assert_true(cursor_be32(&cursor) == narrow);
        assert_int_equal(cursor_finish(&cursor), 0);
    }
}

/* Against a model: whatever is asked for, a cursor gives what a plain index would. */
static void any_sequence_of_reads_keeps_its_bounds(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source source = seeded_source(&seeded);
    uint8_t data[64], out[80];
    random_fill(&source, data, sizeof data);
    for (int round = 0; round < 2000; round++) {
        size_t bytes = seeded_below(&seeded, sizeof data + 1), at = 0;
        bool failed = false;
        struct cursor cursor = cursor_over(data, bytes);
        for (int step = 0; step < 8; step++) {
            size_t wanted = 1 + seeded_below(&seeded, 40);
            cursor_copy(&cursor, out, wanted);
            failed = failed || wanted > bytes - at;
            if (!failed) {
                assert_memory_equal(out, data + at, wanted);
                at += wanted;
            }
            assert_int_equal(cursor.failed, failed);
            assert_int_equal(cursor.left, bytes - at);
        }
        assert_int_equal(cursor_finish(&cursor), failed || at < bytes ? -EBADMSG : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_in_order),
        cmocka_unit_test(taken_bytes_are_the_owners),
        cmocka_unit_test(reading_past_the_end_fails_for_good),
        cmocka_unit_test(lengths_near_the_address_space_do_not_wrap),
        cmocka_unit_test(nothing_can_be_read_from_nothing),
        cmocka_unit_test(a_cut_integer_is_zero),
        cmocka_unit_test(puts_are_read_back),
        cmocka_unit_test(any_sequence_of_reads_keeps_its_bounds),
    };
    return cmocka_run_group_tests_name("base/cursor", tests, NULL, NULL);
}
