#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

#include "wire/record.h"

static void a_record_is_sender_addressee_body(void **state)
{
    (void)state;
    struct record record, back;
    uint8_t packed[RECORD_ADDRESSED_BYTES];
    memset(record.sender, 'S', sizeof record.sender);
    memset(record.addressee, 'A', sizeof record.addressee);
    memset(record.body, 'B', sizeof record.body);

    record_pack(packed, &record);
    for (size_t i = 0; i < sizeof packed; i++)
        assert_int_equal(packed[i], "SAB"[i / 32]);

    struct cursor cursor = cursor_over(packed, sizeof packed);
    record_take(&cursor, &back);
    assert_int_equal(cursor_finish(&cursor), 0);
    assert_memory_equal(&back, &record, sizeof record);
}

static void a_cut_record_fails(void **state)
{
    (void)state;
    static const uint8_t data[RECORD_ADDRESSED_BYTES - 1];
    struct record record;
    struct cursor cursor = cursor_over(data, sizeof data);
    record_take(&cursor, &record);
    assert_int_equal(cursor_finish(&cursor), -EBADMSG);
}

static void everybody_is_zeros(void **state)
{
    (void)state;
    struct record record;
    memset(&record, 0xff, sizeof record);
    memset(record.addressee, 0, sizeof record.addressee);
    assert_true(record_is_unaddressed(&record));
    for (size_t i = 0; i < sizeof record.addressee; i++) {
        record.addressee[i] = 1;
        assert_false(record_is_unaddressed(&record));
        record.addressee[i] = 0;
    }
}

static void a_feed_is_frame_after_frame(void **state)
{
    (void)state;
    uint8_t feed[1 + RECORD_ADDRESSED_BYTES + 1 + RECORD_T1_BYTES + 1 + RECORD_ADDRESSED_BYTES];
    uint8_t *const second = feed + 1 + RECORD_ADDRESSED_BYTES;
    uint8_t *const third = second + 1 + RECORD_T1_BYTES;
    memset(feed, 0xee, sizeof feed);
    feed[0] = 3, second[0] = 1, third[0] = 2;
    const struct frame expected[] = {
        {RECORD_T3, feed + 1, RECORD_ADDRESSED_BYTES},
        {RECORD_T1, second + 1, RECORD_T1_BYTES},
        {RECORD_T2, third + 1, RECORD_ADDRESSED_BYTES},
    };

    struct cursor cursor = cursor_over(feed, sizeof feed);
    struct frame frame;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(frame_take(&cursor, &frame), 0);
        assert_int_equal(frame.kind, expected[i].kind);
        assert_ptr_equal(frame.bytes, expected[i].bytes);
        assert_int_equal(frame.length, expected[i].length);
    }
    assert_int_equal(frame_take(&cursor, &frame), -ENOENT);
    assert_int_equal(cursor_finish(&cursor), 0);
}

static void frames_have_known_sizes(void **state)
{
    (void)state;
    assert_int_equal(frame_record_bytes(RECORD_T1), 288);
    assert_int_equal(frame_record_bytes(RECORD_T2), 96);
    assert_int_equal(frame_record_bytes(RECORD_T3), 96);
}

static void unknown_kinds_are_refused(void **state)
{
    (void)state;
    for (int kind = 0; kind < 256; kind++) {
        uint8_t feed[1 + RECORD_T1_BYTES] = {(uint8_t)kind};
        struct frame frame = {RECORD_T1, NULL, 0};
        struct cursor cursor = cursor_over(feed, sizeof feed);
        bool known = kind >= 1 && kind <= 3;
        assert_int_equal(frame_take(&cursor, &frame), known ? 0 : -EBADMSG);
        assert_int_equal(frame.bytes != NULL, known);
    }
}

static void cut_frames_are_refused_and_stay_refused(void **state)
{
    (void)state;
    for (uint8_t kind = 1; kind <= 3; kind++) {
        size_t whole = 1 + frame_record_bytes((enum record_kind)kind);
        for (size_t length = 1; length < whole; length++) {
            /* On the heap and no byte longer, so that a sanitizer sees a read past the end. */
            uint8_t *feed = calloc(1, length);
            assert_non_null(feed);
            feed[0] = kind;
            struct frame frame;
            struct cursor cursor = cursor_over(feed, length);
            assert_int_equal(frame_take(&cursor, &frame), -EBADMSG);
            assert_int_equal(frame_take(&cursor, &frame), -EBADMSG);
            free(feed);
        }
    }
}

/* Random bytes, mostly with a valid kind: frames lie one behind the other inside the feed. */
static void random_feeds_stay_in_bounds(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source source = seeded_source(&seeded);
    for (int round = 0; round < 5000; round++) {
        size_t bytes = seeded_below(&seeded, 1500);
        uint8_t *feed = malloc(bytes ? bytes : 1);
        assert_non_null(feed);
        random_fill(&source, feed, bytes);
        if (bytes)
            feed[0] = (uint8_t)(1 + feed[0] % 3);
        struct cursor cursor = cursor_over(feed, bytes);
        struct frame frame;
        size_t at = 0;
        int err;
        while (!(err = frame_take(&cursor, &frame))) {
            assert_ptr_equal(frame.bytes, feed + at + 1);
            at += 1 + frame.length;
            assert_true(at <= bytes);
            if (at < bytes && seeded_below(&seeded, 4))
                feed[at] = (uint8_t)(1 + feed[at] % 3);
        }
        assert_int_equal(err, at == bytes ? -ENOENT : -EBADMSG);
        free(feed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_sender_addressee_body),
        cmocka_unit_test(a_cut_record_fails),
        cmocka_unit_test(everybody_is_zeros),
        cmocka_unit_test(a_feed_is_frame_after_frame),
        cmocka_unit_test(frames_have_known_sizes),
        cmocka_unit_test(unknown_kinds_are_refused),
        cmocka_unit_test(cut_frames_are_refused_and_stay_refused),
        cmocka_unit_test(random_feeds_stay_in_bounds),
    };
    return cmocka_run_group_tests_name("wire/record", tests, NULL, NULL);
}
