#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

#include "wire/op_answer.h"

enum { P_BYTES_MAX = 1182, SHORT_P_BYTES_MAX = 844, WHOLE = 1300 };

/* How long the body of each op's success is; the last item may stand there any number of times.
 * `flags` of its first bytes are 0 or 1. */
static const struct {
    uint8_t op;
    size_t bytes, item_bytes, flags;
} bodies[] = {
    {1, 1 + 2 + 4 + 4 + 2 + 32 + 8 + 32 + 4 + 4, 0, 0},
    {3, 32 + 288, 0, 0},
    {6, 1 + 1, 288, 2},
    {10, 12 + 1, 256, 0},
    {16, 8, 0, 0},
    {17, 1 + 8, 544, 1},
    {18, 0, 0, 0},
    {19, 0, 0, 0},
    {20, 0, 0, 0},
};

enum { BODIES = sizeof bodies / sizeof *bodies };

static bool is_length(size_t i, size_t bytes)
{
    if (bodies[i].item_bytes == 0)
        return bytes == bodies[i].bytes;
    return bytes >= bodies[i].bytes && (bytes - bodies[i].bytes) % bodies[i].item_bytes == 0;
}

/* Each length, in memory of just that size, so that a sanitizer sees a step beyond it. Returns:
 * what the decoder does. */
static int try_exactly(enum op op, const uint8_t *p, size_t bytes)
{
    uint8_t *exact = malloc(bytes ? bytes : 1), again[1 + WHOLE];
    struct op_answer answer, before;
    size_t again_bytes;
    assert_non_null(exact);
    memcpy(exact, p, bytes);
    memset(&answer, 7, sizeof answer);
    before = answer;
    int err = op_answer_decode(&answer, op, exact, bytes);
    if (err) {
        assert_memory_equal(&answer, &before, sizeof answer);
    } else {
        assert_int_equal(op_answer_encode(again, sizeof again, &again_bytes, op, &answer), 0);
        assert_int_equal(again_bytes, bytes);
        assert_memory_equal(again, exact, bytes);
    }
    free(exact);
    return err;
}

static void every_success_has_its_lengths(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (size_t i = 0; i < BODIES; i++)
        for (size_t bytes = 0; bytes < WHOLE; bytes++) {
            uint8_t p[1 + WHOLE];
            random_fill(&random, p, 1 + bytes);
            p[0] = OP_SUCCESS;
            for (size_t flag = 1; flag <= bodies[i].flags; flag++)
                p[flag] &= 1;
            assert_int_equal(try_exactly((enum op)bodies[i].op, p, 1 + bytes),
                             is_length(i, bytes) ? 0 : -EBADMSG);
        }
}

static void a_refusal_is_its_status_and_no_more(void **state)
{
    (void)state;
    for (unsigned status = 1; status <= UINT8_MAX; status++)
        for (size_t bytes = 0; bytes < 60; bytes++) {
            uint8_t p[61] = {(uint8_t)status};
            size_t wanted = status == OP_NOT_NOW ? 2 : status == OP_STAMP_WANTED ? 36 : 0;
            bool right = status <= OP_STAMP_WANTED && bytes == wanted;
            assert_int_equal(try_exactly(OP_POST_T1, p, 1 + bytes), right ? 0 : -EBADMSG);
            /* To an op that is not known as well. */
            assert_int_equal(try_exactly((enum op)200, p, 1 + bytes), right ? 0 : -EBADMSG);
        }
    assert_int_equal(try_exactly(OP_POST_T1, (const uint8_t *)"", 0), -EBADMSG);
}

static void numbers_of_refusals_are_reported(void **state)
{
    (void)state;
    static const uint8_t not_now[] = {6, 0x01, 0x02};
    static const uint8_t wanted[37] = {8, [33] = 0x0a, 0x0b, 0x0c, 0x0d};
    struct op_answer answer;
    assert_int_equal(op_answer_decode(&answer, OP_FEED, not_now, sizeof not_now), 0);
    assert_int_equal(answer.status, OP_NOT_NOW);
    assert_int_equal(answer.retry_after_s, 0x0102);
    assert_int_equal(op_answer_decode(&answer, OP_POST_LINK, wanted, sizeof wanted), 0);
    assert_int_equal(answer.status, OP_STAMP_WANTED);
    assert_ptr_equal(answer.stamp_wanted.challenge, wanted + 1);
    assert_int_equal(answer.stamp_wanted.effort, 0x0a0b0c0d);
}

static void other_ops_and_mixes_have_no_success(void **state)
{
    (void)state;
    static const uint8_t p[1] = {OP_SUCCESS};
    const struct op_answer answer = {.status = OP_SUCCESS};
    const struct op_answer no_such = {.status = (enum op_status)9};
    uint8_t made[8] = {7};
    size_t bytes = 77;
    static const uint8_t ops[] = {0, 14, 15, 21, 31, 32, 33, 255};
    for (size_t i = 0; i < sizeof ops; i++) {
        assert_int_equal(try_exactly((enum op)ops[i], p, 1), -ENOTSUP);
        assert_int_equal(op_answer_encode(made, sizeof made, &bytes, (enum op)ops[i], &answer),
                         -ENOTSUP);
        assert_int_equal(op_answer_room((enum op)ops[i], P_BYTES_MAX), 0);
    }
    assert_int_equal(op_answer_encode(made, sizeof made, &bytes, OP_FEED, &no_such), -ENOTSUP);
    assert_int_equal(made[0], 7);
    assert_int_equal(bytes, 77);
}

static void a_server_describes_itself(void **state)
{
    (void)state;
    uint8_t p[P_BYTES_MAX], salt[32], challenge[32];
    size_t bytes;
    memset(salt, 's', sizeof salt);
    memset(challenge, 'c', sizeof challenge);
    const struct op_answer answer = {.status = OP_SUCCESS,
                                     .description = {1, 0x0203, 0x04050607, 0x08090a0b, 0x0c0d,
                                                     salt, 0x0e0f101112131415, challenge,
                                                     0x16171819, 0x1a1b1c1d}};
    static const uint8_t start[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
    static const uint8_t now[] = {14, 15, 16, 17, 18, 19, 20, 21};
    static const uint8_t efforts[] = {22, 23, 24, 25, 26, 27, 28, 29};
    assert_int_equal(op_answer_encode(p, sizeof p, &bytes, OP_DESCRIBE, &answer), 0);
    assert_int_equal(bytes, 94);
    assert_memory_equal(p, start, 14);
    assert_memory_equal(p + 14, salt, 32);
    assert_memory_equal(p + 46, now, 8);
    assert_memory_equal(p + 54, challenge, 32);
    assert_memory_equal(p + 86, efforts, 8);
}

static void a_bucket_is_55_bytes(void **state)
{
    (void)state;
    uint8_t packed[OP_BUCKET_BYTES], bucket_hash[32];
    memset(bucket_hash, 'l', sizeof bucket_hash);
    const struct op_bucket bucket = {0x0102030405060708, 0x090a0b0c, bucket_hash, 0x0d0e, true,
                                     0x1011121314151617};
    static const uint8_t start[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const uint8_t end[] = {13, 14, 1, 16, 17, 18, 19, 20, 21, 22, 23};
    op_bucket_pack(packed, &bucket);
    assert_memory_equal(packed, start, 12);
    assert_memory_equal(packed + 12, bucket_hash, 32);
    assert_memory_equal(packed + 44, end, 11);
    struct op_bucket read = {.count = 7};
    for (unsigned open = 2; open <= UINT8_MAX; open++) {
        packed[46] = (uint8_t)open;
        assert_int_equal(op_bucket_unpack(&read, packed), -EBADMSG);
        assert_int_equal(read.count, 7);
    }
}

static void each_bucket_of_a_list_is_looked_at(void **state)
{
    (void)state;
    uint8_t p[2 + 21 * OP_BUCKET_BYTES + 1] = {0};
    for (size_t count = 0; count <= 21; count++)
        for (int more = 0; more <= 2; more++) {
            p[1] = (uint8_t)more;
            size_t bytes = 2 + count * OP_BUCKET_BYTES;
            assert_int_equal(try_exactly(OP_LIST_BUCKETS, p, bytes), more <= 1 ? 0 : -EBADMSG);
            assert_int_equal(try_exactly(OP_LIST_PLACE_BUCKETS, p, bytes + 1), -EBADMSG);
        }
    p[1] = 0;
    for (size_t i = 0; i < 21; i++) {
        p[2 + i * OP_BUCKET_BYTES + 46] = 2;
        assert_int_equal(try_exactly(OP_LIST_BUCKETS, p, 2 + 21 * OP_BUCKET_BYTES), -EBADMSG);
        p[2 + i * OP_BUCKET_BYTES + 46] = 1;
    }
    assert_int_equal(try_exactly(OP_LIST_BUCKETS, p, 2 + 21 * OP_BUCKET_BYTES), 0);
}

static void outcomes_are_three(void **state)
{
    (void)state;
    uint8_t p[] = {OP_SUCCESS, 0, 1, 2};
    assert_int_equal(try_exactly(OP_POST_T2S, p, sizeof p), 0);
    assert_int_equal(try_exactly(OP_POST_T3S, p, 1), 0);
    for (unsigned outcome = 3; outcome <= UINT8_MAX; outcome++) {
        p[2] = (uint8_t)outcome;
        assert_int_equal(try_exactly(OP_POST_T2S, p, sizeof p), -EBADMSG);
    }
}

static void a_feed_is_whole_frames(void **state)
{
    (void)state;
    uint8_t p[1 + 16 + 65 + 289 + 65 + 1] = {OP_SUCCESS};
    p[17] = RECORD_T2;
    p[17 + 65] = RECORD_T1;
    p[17 + 65 + 289] = RECORD_T3;
    for (size_t bytes = 0; bytes <= sizeof p; bytes++)
        assert_int_equal(try_exactly(OP_FEED, p, bytes),
                         bytes == 17 || bytes == 82 || bytes == 371 || bytes == 436 ? 0 : -EBADMSG);
    struct op_answer answer;
    struct frame frame;
    assert_int_equal(op_answer_decode(&answer, OP_FEED, p, sizeof p - 1), 0);
    assert_ptr_equal(answer.feed.cursor, p + 1);
    struct cursor at = cursor_over(answer.feed.frames.bytes, answer.feed.frames.count);
    const uint8_t *wanted[] = {p + 18, p + 83, p + 372};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(op_frame_take(&at, &frame), 0);
        assert_int_equal(frame.kind, wanted[i][-1]);
        assert_ptr_equal(frame.bytes, wanted[i]);
        assert_int_equal(frame.length, i == 1 ? 288 : 64);
    }
    assert_int_equal(op_frame_take(&at, &frame), -ENOENT);
    p[17] = 4;
    assert_int_equal(try_exactly(OP_FEED, p, 82), -EBADMSG);
}

static void stamps_follow_as_many_challenges_as_are_reported(void **state)
{
    (void)state;
    static uint8_t p[3 + 2 * 40 + 5 * 60 + 1] = {OP_SUCCESS, 0, 2};
    for (size_t bytes = 0; bytes <= sizeof p; bytes++)
        assert_int_equal(try_exactly(OP_READ_STAMPS, p, bytes),
                         bytes >= 83 && (bytes - 83) % 60 == 0 ? 0 : -EBADMSG);
    struct op_answer answer;
    assert_int_equal(op_answer_decode(&answer, OP_READ_STAMPS, p, sizeof p - 1), 0);
    assert_int_equal(answer.stamps.challenges.count, 2);
    assert_ptr_equal(answer.stamps.challenges.bytes, p + 3);
    assert_int_equal(answer.stamps.lines.count, 5);
    assert_ptr_equal(answer.stamps.lines.bytes, p + 83);
    p[2] = 255;
    assert_int_equal(try_exactly(OP_READ_STAMPS, p, sizeof p - 1), -EBADMSG);
}

static void no_byte_counts_more_than_255_challenges(void **state)
{
    (void)state;
    static uint8_t challenges[256 * OP_STAMP_HOUR_BYTES], p[sizeof challenges + 3];
    size_t bytes = 77;
    struct op_answer answer = {.status = OP_SUCCESS, .stamps = {.challenges = {challenges, 256}}};
    assert_int_equal(op_answer_encode(p, sizeof p, &bytes, OP_READ_STAMPS, &answer), -EINVAL);
    assert_int_equal(bytes, 77);
    answer.stamps.challenges.count = 255;
    assert_int_equal(op_answer_encode(p, sizeof p, &bytes, OP_READ_STAMPS, &answer), 0);
    assert_int_equal(bytes, 3 + 255 * 40);
}

/* As many as fit into an answer of either size, and not one more. */
static void lists_are_as_long_as_fits(void **state)
{
    (void)state;
    static const struct {
        enum op op;
        size_t item_bytes, count, short_count;
    } lists[] = {
        {OP_LIST_BUCKETS, 55, 21, 15}, {OP_READ_T1S, 288, 4, 2},     {OP_READ_LINKS, 256, 4, 3},
        {OP_READ_MAILBOX, 544, 2, 1},  {OP_READ_STAMPS, 60, 19, 14},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        assert_int_equal(op_answer_room(lists[i].op, P_BYTES_MAX) / lists[i].item_bytes,
                         lists[i].count);
        assert_int_equal(op_answer_room(lists[i].op, SHORT_P_BYTES_MAX) / lists[i].item_bytes,
                         lists[i].short_count);
        assert_int_equal(op_answer_room(lists[i].op, 1), 0);
    }
    static uint8_t t1s[5 * 288], p[P_BYTES_MAX];
    size_t bytes = 77;
    struct op_answer answer = {.status = OP_SUCCESS, .t1s = {.more = true, .t1s = {t1s, 4}}};
    assert_int_equal(op_answer_encode(p, sizeof p, &bytes, OP_READ_T1S, &answer), 0);
    assert_int_equal(bytes, 3 + 4 * 288);
    answer.t1s.t1s.count = 5;
    assert_int_equal(op_answer_encode(p, sizeof p, &bytes, OP_READ_T1S, &answer), -EMSGSIZE);
    assert_int_equal(bytes, 3 + 4 * 288);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_success_has_its_lengths),
        cmocka_unit_test(a_refusal_is_its_status_and_no_more),
        cmocka_unit_test(numbers_of_refusals_are_reported),
        cmocka_unit_test(other_ops_and_mixes_have_no_success),
        cmocka_unit_test(a_server_describes_itself),
        cmocka_unit_test(a_bucket_is_55_bytes),
        cmocka_unit_test(each_bucket_of_a_list_is_looked_at),
        cmocka_unit_test(outcomes_are_three),
        cmocka_unit_test(a_feed_is_whole_frames),
        cmocka_unit_test(stamps_follow_as_many_challenges_as_are_reported),
        cmocka_unit_test(no_byte_counts_more_than_255_challenges),
        cmocka_unit_test(lists_are_as_long_as_fits),
    };
    return cmocka_run_group_tests_name("wire/op_answer", tests, NULL, NULL);
}
