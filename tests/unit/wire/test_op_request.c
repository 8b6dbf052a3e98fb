#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

#include "wire/op_request.h"

enum { Q_BYTES_MAX = 1166, WHOLE = 1300 };

/* How long the body of each op is; the last item may stand there any number of times. */
static const struct {
    uint8_t op;
    size_t bytes, item_bytes;
} bodies[] = {
    {1, 0, 0},
    {2, 32 + 32 + 288 + 16 + 32, 0},
    {3, 32, 0},
    {4, 32, 0},
    {5, 32, 0},
    {6, 32 + 32, 0},
    {7, 32 + 32 + 32, 64},
    {8, 32 + 32 + 32, 64},
    {9, 32 + 16 + 1 + 32, 0},
    {10, 32 + 1, 0},
    {11, 256 + 16, 0},
    {12, 32 + 32, 0},
    {13, 32 + 32, 0},
    {16, 32, 0},
    {17, 32 + 8 + 1, 0},
    {18, 32 + 8, 0},
    {19, 0, 1},
    {20, 32, 0},
    {32, 1160, 0},
};

enum { BODIES = sizeof bodies / sizeof *bodies };

static bool is_length(size_t i, size_t bytes)
{
    if (bodies[i].item_bytes == 0)
        return bytes == bodies[i].bytes;
    return bytes >= bodies[i].bytes && (bytes - bodies[i].bytes) % bodies[i].item_bytes == 0;
}

/* Each length, in memory of just that size, so that a sanitizer sees a step beyond it. */
static void every_op_has_its_lengths(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (size_t i = 0; i < BODIES; i++)
        for (size_t bytes = 0; bytes < WHOLE; bytes++) {
            uint8_t *q = malloc(1 + bytes), again[1 + WHOLE];
            struct op_request request, before;
            size_t again_bytes;
            assert_non_null(q);
            random_fill(&random, q, 1 + bytes);
            q[0] = bodies[i].op;
            memset(&request, 7, sizeof request);
            before = request;
            int err = op_request_decode(&request, q, 1 + bytes);
            assert_int_equal(err, is_length(i, bytes) ? 0 : -EBADMSG);
            if (err) {
                assert_memory_equal(&request, &before, sizeof request);
            } else {
                /* What is written is what was read, whatever stands there. */
                assert_int_equal(op_request_encode(again, sizeof again, &again_bytes, &request), 0);
                assert_int_equal(again_bytes, 1 + bytes);
                assert_memory_equal(again, q, 1 + bytes);
            }
            free(q);
        }
}

static void other_ops_are_unknown(void **state)
{
    (void)state;
    for (unsigned op = 0; op <= UINT8_MAX; op++) {
        uint8_t q[40] = {(uint8_t)op};
        struct op_request request = {.op = (enum op)op};
        size_t bytes = 77;
        bool known = false;
        for (size_t i = 0; i < BODIES; i++)
            known |= bodies[i].op == op;
        if (known)
            continue;
        for (size_t cut = 1; cut < sizeof q; cut++)
            assert_int_equal(op_request_decode(&request, q, cut), -ENOTSUP);
        assert_int_equal(op_request_encode(q, sizeof q, &bytes, &request), -ENOTSUP);
        assert_int_equal(bytes, 77);
    }
}

static void nothing_is_malformed(void **state)
{
    (void)state;
    struct op_request request;
    assert_int_equal(op_request_decode(&request, NULL, 0), -EBADMSG);
}

static void a_t1_is_posted_with_its_fields_in_order(void **state)
{
    (void)state;
    uint8_t q[Q_BYTES_MAX], write_key[32], bucket_hash[32], t1[288], stamp[16], place[32];
    size_t bytes;
    memset(write_key, 'w', sizeof write_key);
    memset(bucket_hash, 'l', sizeof bucket_hash);
    memset(t1, 't', sizeof t1);
    memset(stamp, 's', sizeof stamp);
    memset(place, 'p', sizeof place);
    const struct op_request request = {.op = OP_POST_T1,
                                       .post_t1 = {write_key, bucket_hash, t1, stamp, place}};
    assert_int_equal(op_request_encode(q, 401, &bytes, &request), 0);
    assert_int_equal(bytes, 401);
    assert_int_equal(q[0], 2);
    assert_memory_equal(q + 1, write_key, 32);
    assert_memory_equal(q + 33, bucket_hash, 32);
    assert_memory_equal(q + 65, t1, 288);
    assert_memory_equal(q + 353, stamp, 16);
    assert_memory_equal(q + 369, place, 32);
}

static void a_link_is_posted_with_its_stamp(void **state)
{
    (void)state;
    uint8_t q[Q_BYTES_MAX];
    struct op_request request;
    memset(q, 0, sizeof q);
    q[0] = 11;
    assert_int_equal(op_request_decode(&request, q, 1 + 256 + 16), 0);
    assert_ptr_equal(request.post_link.blob, q + 1);
    assert_ptr_equal(request.post_link.stamp, q + 257);
}

static void a_place_stands_before_the_link_to_go_on_from(void **state)
{
    (void)state;
    uint8_t q[Q_BYTES_MAX] = {13};
    struct op_request request;
    assert_int_equal(op_request_decode(&request, q, 65), 0);
    assert_ptr_equal(request.list_buckets.place, q + 1);
    assert_ptr_equal(request.list_buckets.after, q + 33);
    q[0] = 4;
    assert_int_equal(op_request_decode(&request, q, 33), 0);
    assert_null(request.list_buckets.place);
    assert_ptr_equal(request.list_buckets.after, q + 1);
}

static void sixteen_records_fit_into_a_request(void **state)
{
    (void)state;
    uint8_t q[Q_BYTES_MAX], key[32] = {0}, records[17 * 64] = {0};
    size_t bytes = 77;
    struct op_request request = {.op = OP_POST_T2S, .post_records = {key, key, key, {records, 16}}};
    assert_int_equal(op_request_encode(q, sizeof q, &bytes, &request), 0);
    assert_int_equal(bytes, 1 + 96 + 16 * 64);
    bytes = 77;
    q[0] = 7;
    request.post_records.records.count = 17;
    assert_int_equal(op_request_encode(q, sizeof q, &bytes, &request), -EMSGSIZE);
    assert_int_equal(bytes, 77);
    assert_int_equal(q[0], 7);
}

static void zeros_mean_none(void **state)
{
    (void)state;
    uint8_t field[32] = {0};
    assert_true(op_is_none(field, sizeof field));
    for (size_t bit = 0; bit < 8 * sizeof field; bit++) {
        field[bit / 8] = (uint8_t)(1 << bit % 8);
        assert_false(op_is_none(field, sizeof field));
        field[bit / 8] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_has_its_lengths),
        cmocka_unit_test(other_ops_are_unknown),
        cmocka_unit_test(nothing_is_malformed),
        cmocka_unit_test(a_t1_is_posted_with_its_fields_in_order),
        cmocka_unit_test(a_link_is_posted_with_its_stamp),
        cmocka_unit_test(a_place_stands_before_the_link_to_go_on_from),
        cmocka_unit_test(sixteen_records_fit_into_a_request),
        cmocka_unit_test(zeros_mean_none),
    };
    return cmocka_run_group_tests_name("wire/op_request", tests, NULL, NULL);
}
