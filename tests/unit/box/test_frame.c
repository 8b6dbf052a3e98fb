#include "lib/test.h"

#include <string.h>

#include "base/cursor.h"
#include "base/secret.h"
#include "box/frame.h"
#include "box/nonce.h"

/* Both ends of a connection with the same key. */
struct ends {
    struct box_stream client, server;
};

static struct ends open_ends(struct seeded *seeded)
{
    struct ends ends;
    uint8_t shared[BOX_SHARED_BYTES];
    struct random_source source = seeded_source(seeded);
    random_fill(&source, shared, sizeof shared);
    box_stream_begin(&ends.client, BOX_CLIENT, shared);
    box_stream_begin(&ends.server, BOX_SERVER, shared);
    return ends;
}

static void fill(struct seeded *seeded, uint8_t *bytes, size_t count)
{
    struct random_source source = seeded_source(seeded);
    random_fill(&source, bytes, count);
}

/* The next frame of a stream, of so many bytes 'x'. Returns: its length. */
static size_t seal(struct box_stream *stream, uint8_t *frame, size_t content_bytes)
{
    static uint8_t content[BOX_FRAME_CONTENT_BYTES_MAX];
    memset(content, 'x', sizeof content);
    assert_int_equal(box_frame_seal(stream, frame, content, content_bytes), 0);
    return box_frame_bytes(content_bytes);
}

/* A copy of a frame is opened by a copy of a stream, so that many can be tried. */
static int try_open(struct box_stream stream, const uint8_t *frame, size_t frame_bytes)
{
    static uint8_t copy[2 * BOX_FRAME_BYTES_MAX];
    const uint8_t *content = (const uint8_t *)"untouched";
    size_t content_bytes = 77;
    memcpy(copy, frame, frame_bytes);
    int err = box_frame_open(&stream, &content, &content_bytes, copy, frame_bytes);
    if (err) {
        assert_string_equal((const char *)content, "untouched");
        assert_int_equal(content_bytes, 77);
        /* Nothing is opened any more, and nothing sent. */
        uint8_t sent[BOX_FRAME_BYTES_MAX];
        assert_true(stream.broken);
        assert_int_equal(box_frame_measure(&stream, &content_bytes, frame), -EBADMSG);
        assert_int_equal(box_frame_seal(&stream, sent, frame, 1), -EINVAL);
    }
    return err;
}

static void exchange(struct box_stream *from, struct box_stream *to, struct seeded *seeded,
                     size_t content_bytes)
{
    static uint8_t content[BOX_FRAME_CONTENT_BYTES_MAX], frame[BOX_FRAME_BYTES_MAX];
    const uint8_t *opened;
    size_t frame_bytes, opened_bytes;
    fill(seeded, content, content_bytes);
    assert_int_equal(box_frame_seal(from, frame, content, content_bytes), 0);
    assert_int_equal(box_frame_measure(to, &frame_bytes, frame), 0);
    assert_int_equal(frame_bytes, box_frame_bytes(content_bytes));
    assert_int_equal(box_frame_open(to, &opened, &opened_bytes, frame, frame_bytes), 0);
    assert_int_equal(opened_bytes, content_bytes);
    assert_memory_equal(opened, content, content_bytes);
    assert_int_equal(box_stream_has_ended(to), content_bytes == 0);
}

static void any_content_arrives_in_both_directions(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    for (size_t bytes = 1; bytes <= 1100; bytes++) {
        exchange(&ends.client, &ends.server, &seeded, bytes);
        exchange(&ends.server, &ends.client, &seeded, bytes);
    }
    exchange(&ends.client, &ends.server, &seeded, BOX_FRAME_CONTENT_BYTES_MAX);
    exchange(&ends.server, &ends.client, &seeded, BOX_FRAME_CONTENT_BYTES_MAX - 1);
}

static void a_direction_ends_by_itself(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    uint8_t frame[BOX_FRAME_BYTES_MAX];
    exchange(&ends.client, &ends.server, &seeded, 10);
    exchange(&ends.client, &ends.server, &seeded, 0);
    assert_int_equal(box_frame_seal(&ends.client, frame, frame, 1), -EINVAL);
    assert_int_equal(box_frame_seal(&ends.client, frame, NULL, 0), -EINVAL);
    exchange(&ends.server, &ends.client, &seeded, 300);
    exchange(&ends.server, &ends.client, &seeded, 0);
}

static void nothing_is_taken_after_the_end(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    uint8_t frame[BOX_FRAME_BYTES_MAX];
    exchange(&ends.client, &ends.server, &seeded, 0);
    ends.client.sent_end = false; /* as a client that breaks the rule */
    size_t frame_bytes = seal(&ends.client, frame, 5);
    assert_int_equal(try_open(ends.server, frame, frame_bytes), -EBADMSG);
}

static void contents_that_are_too_long_are_refused(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    static uint8_t content[BOX_FRAME_CONTENT_BYTES_MAX + 1];
    uint8_t frame[BOX_FRAME_BYTES_MAX] = {7};
    assert_int_equal(box_frame_seal(&ends.client, frame, content, sizeof content), -EMSGSIZE);
    assert_int_equal(frame[0], 7);
    assert_int_equal(ends.client.sent, 0);
}

static void frames_hide_how_long_their_content_is(void **state)
{
    (void)state;
    assert_int_equal(box_frame_bytes(0), 2 + 16 + 256);
    assert_int_equal(box_frame_bytes(254), 2 + 16 + 256);
    assert_int_equal(box_frame_bytes(255), 2 + 16 + 512);
    assert_int_equal(box_frame_bytes(BOX_FRAME_CONTENT_BYTES_MAX), BOX_FRAME_BYTES_MAX);
    assert_int_equal(BOX_FRAME_BYTES_MAX, 2 + 16 + 16384);
}

static void content_may_stand_in_the_frame(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    struct box_stream same = ends.client;
    uint8_t content[700], apart[BOX_FRAME_BYTES_MAX], within[BOX_FRAME_BYTES_MAX];
    fill(&seeded, content, sizeof content);
    fill(&seeded, within, sizeof within);
    memcpy(within + BOX_FRAME_CONTENT_AT, content, sizeof content);
    assert_int_equal(box_frame_seal(&ends.client, apart, content, sizeof content), 0);
    assert_int_equal(box_frame_seal(&same, within, within + BOX_FRAME_CONTENT_AT, sizeof content),
                     0);
    assert_memory_equal(apart, within, box_frame_bytes(sizeof content));
}

static void an_altered_frame_ends_the_stream(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    uint8_t frame[BOX_FRAME_BYTES_MAX];
    size_t frame_bytes = seal(&ends.client, frame, 100);
    for (size_t bit = 0; bit < 8 * frame_bytes; bit++) {
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(try_open(ends.server, frame, frame_bytes), -EBADMSG);
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(try_open(ends.server, frame, frame_bytes), 0);
}

static void a_frame_that_is_cut_or_longer_ends_the_stream(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    uint8_t frame[BOX_FRAME_BYTES_MAX + 1] = {0};
    size_t frame_bytes = seal(&ends.client, frame, 300);
    for (size_t cut = 0; cut < frame_bytes; cut++)
        assert_int_equal(try_open(ends.server, frame, cut), -EBADMSG);
    assert_int_equal(try_open(ends.server, frame, frame_bytes + 1), -EBADMSG);
}

static void frames_are_taken_in_their_order_and_once(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    static uint8_t first[BOX_FRAME_BYTES_MAX], second[BOX_FRAME_BYTES_MAX],
        opened[BOX_FRAME_BYTES_MAX];
    const uint8_t *content;
    size_t first_bytes = seal(&ends.client, first, 1), second_bytes = seal(&ends.client, second, 1);
    size_t content_bytes;
    assert_int_equal(try_open(ends.server, second, second_bytes), -EBADMSG);
    memcpy(opened, first, first_bytes);
    assert_int_equal(box_frame_open(&ends.server, &content, &content_bytes, opened, first_bytes),
                     0);
    assert_int_equal(try_open(ends.server, first, first_bytes), -EBADMSG);
    assert_int_equal(try_open(ends.server, second, second_bytes), 0);
}

static void a_frame_is_not_taken_by_its_sender_nor_another_connection(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded), others = open_ends(&seeded);
    uint8_t frame[BOX_FRAME_BYTES_MAX];
    size_t frame_bytes = seal(&ends.client, frame, 1);
    assert_int_equal(try_open(ends.client, frame, frame_bytes), -EBADMSG);
    assert_int_equal(try_open(others.server, frame, frame_bytes), -EBADMSG);
    frame_bytes = seal(&ends.server, frame, 1);
    assert_int_equal(try_open(ends.server, frame, frame_bytes), -EBADMSG);
    assert_int_equal(try_open(others.client, frame, frame_bytes), -EBADMSG);
}

static void no_other_length_is_a_frames(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    for (size_t length = 0; length <= UINT16_MAX; length++) {
        struct ends ends = open_ends(&(struct seeded){seeded.state});
        uint8_t bytes[BOX_FRAME_LENGTH_BYTES];
        size_t frame_bytes = 77;
        bool is_one = length >= 16 + 256 && length <= 16 + 16384 && (length - 16) % 256 == 0;
        put_be16(bytes, (uint16_t)length);
        assert_int_equal(box_frame_measure(&ends.server, &frame_bytes, bytes),
                         is_one ? 0 : -EBADMSG);
        assert_int_equal(frame_bytes, is_one ? 2 + length : 77);
        assert_int_equal(ends.server.broken, !is_one);
    }
}

/* A frame with any plaintext, as a peer makes it that has the key and breaks the rules. */
static size_t seal_plaintext(const struct box_stream *stream, uint8_t *frame,
                             const uint8_t *plaintext, size_t bytes)
{
    uint8_t nonce[BOX_NONCE_BYTES];
    box_nonce_counter(nonce, stream->side == BOX_CLIENT, stream->sent + 1);
    put_be16(frame, (uint16_t)(BOX_TAG_BYTES + bytes));
    box_seal(frame + BOX_FRAME_LENGTH_BYTES, stream->shared, nonce, plaintext, bytes);
    return BOX_FRAME_LENGTH_BYTES + BOX_TAG_BYTES + bytes;
}

static int try_plaintext(const struct ends *ends, const uint8_t *plaintext, size_t bytes)
{
    static uint8_t frame[BOX_FRAME_BYTES_MAX];
    return try_open(ends->server, frame, seal_plaintext(&ends->client, frame, plaintext, bytes));
}

static void padding_has_one_form(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    uint8_t plaintext[768] = {0};
    /* In two units: 255 to 510 bytes and no others. */
    for (uint16_t stated = 0; stated <= 600; stated++) {
        put_be16(plaintext, stated);
        assert_int_equal(try_plaintext(&ends, plaintext, 512),
                         stated >= 255 && stated <= 510 ? 0 : -EBADMSG);
    }
    put_be16(plaintext, UINT16_MAX);
    assert_int_equal(try_plaintext(&ends, plaintext, 512), -EBADMSG);
    put_be16(plaintext, 300);
    for (size_t at = 2; at < 512; at++) {
        plaintext[at] = 1;
        assert_int_equal(try_plaintext(&ends, plaintext, 512), at < 302 ? 0 : -EBADMSG);
        plaintext[at] = 0;
    }
}

static void what_breaks_a_rule_is_wiped(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    uint8_t plaintext[256], frame[BOX_FRAME_BYTES_MAX];
    static const uint8_t zeros[256];
    const uint8_t *content;
    size_t content_bytes;
    memset(plaintext, 'x', sizeof plaintext);
    size_t frame_bytes = seal_plaintext(&ends.client, frame, plaintext, sizeof plaintext);
    assert_int_equal(box_frame_open(&ends.server, &content, &content_bytes, frame, frame_bytes),
                     -EBADMSG);
    assert_memory_equal(frame + BOX_FRAME_LENGTH_BYTES + BOX_TAG_BYTES, zeros, sizeof zeros);
}

static void a_forgotten_stream_does_nothing(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct ends ends = open_ends(&seeded);
    static const uint8_t zeros[BOX_SHARED_BYTES];
    uint8_t frame[BOX_FRAME_BYTES_MAX];
    size_t frame_bytes = seal(&ends.client, frame, 1);
    box_stream_forget(&ends.server);
    assert_memory_equal(ends.server.shared, zeros, sizeof zeros);
    assert_int_equal(try_open(ends.server, frame, frame_bytes), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_content_arrives_in_both_directions),
        cmocka_unit_test(a_direction_ends_by_itself),
        cmocka_unit_test(nothing_is_taken_after_the_end),
        cmocka_unit_test(contents_that_are_too_long_are_refused),
        cmocka_unit_test(frames_hide_how_long_their_content_is),
        cmocka_unit_test(content_may_stand_in_the_frame),
        cmocka_unit_test(an_altered_frame_ends_the_stream),
        cmocka_unit_test(a_frame_that_is_cut_or_longer_ends_the_stream),
        cmocka_unit_test(frames_are_taken_in_their_order_and_once),
        cmocka_unit_test(a_frame_is_not_taken_by_its_sender_nor_another_connection),
        cmocka_unit_test(no_other_length_is_a_frames),
        cmocka_unit_test(padding_has_one_form),
        cmocka_unit_test(what_breaks_a_rule_is_wiped),
        cmocka_unit_test(a_forgotten_stream_does_nothing),
    };
    return secret_init() ? 1 : cmocka_run_group_tests_name("box/frame", tests, NULL, NULL);
}
