#include <string.h>

#include "base/err.h"
#include "fuzz/target.h"
#include "wire/op_answer.h"
#include "wire/op_request.h"

/* Binary requests and answers: what is read is written again as the same bytes, every list lies in
 * what was read, and what is refused has left its target alone. The first byte is 0 before a
 * request, and the op before an answer. */

enum { BYTES_MAX = 1 << 16 };

static uint8_t again[BYTES_MAX];

static void is_inside(const struct op_items *items, size_t item_bytes, const uint8_t *data,
                      size_t size)
{
    INVARIANT(items->bytes >= data && items->bytes <= data + size);
    INVARIANT(items->count <= (size_t)(data + size - items->bytes) / item_bytes);
}

static void as_request(const uint8_t *data, size_t size)
{
    struct op_request request, before;
    size_t bytes = 0;
    memset(&request, 7, sizeof request);
    before = request;
    int err = op_request_decode(&request, data, size);
    INVARIANT(err == 0 || err == -EBADMSG || err == -ENOTSUP);
    if (err) {
        INVARIANT(memcmp(&request, &before, sizeof request) == 0);
        return;
    }
    if (request.op == OP_POST_T2S || request.op == OP_POST_T3S)
        is_inside(&request.post_records.records, OP_ADDRESSED_BYTES, data, size);
    if (request.op == OP_DELIVER)
        is_inside(&request.delivery, 1, data, size);
    INVARIANT(op_request_encode(again, size - 1, &bytes, &request) == -EMSGSIZE && bytes == 0);
    INVARIANT(op_request_encode(again, size, &bytes, &request) == 0);
    INVARIANT(bytes == size && memcmp(again, data, size) == 0);
}

static void look_at_buckets(const struct op_answer *answer)
{
    for (size_t i = 0; i < answer->buckets.buckets.count; i++) {
        struct op_bucket bucket;
        uint8_t packed[OP_BUCKET_BYTES];
        const uint8_t *at = answer->buckets.buckets.bytes + i * OP_BUCKET_BYTES;
        INVARIANT(op_bucket_unpack(&bucket, at) == 0);
        op_bucket_pack(packed, &bucket);
        INVARIANT(memcmp(packed, at, sizeof packed) == 0);
    }
}

static void look_at_feed(const struct op_answer *answer)
{
    struct cursor at = cursor_over(answer->feed.frames.bytes, answer->feed.frames.count);
    struct frame frame;
    int err;
    while (!(err = op_frame_take(&at, &frame)))
        INVARIANT(frame.length == (frame.kind == RECORD_T1 ? 288 : 64));
    INVARIANT(err == -ENOENT);
}

static void look_at_lists(enum op op, const struct op_answer *answer, const uint8_t *data,
                          size_t size)
{
    switch (op) {
    case OP_LIST_BUCKETS:
    case OP_LIST_PLACE_BUCKETS:
        is_inside(&answer->buckets.buckets, OP_BUCKET_BYTES, data, size);
        look_at_buckets(answer);
        break;
    case OP_FEED:
        is_inside(&answer->feed.frames, 1, data, size);
        look_at_feed(answer);
        break;
    case OP_READ_STAMPS:
        is_inside(&answer->stamps.challenges, OP_STAMP_HOUR_BYTES, data, size);
        is_inside(&answer->stamps.lines, OP_STAMP_LINE_BYTES, data, size);
        break;
    case OP_READ_T1S:
        is_inside(&answer->t1s.t1s, RECORD_T1_BYTES, data, size);
        break;
    default:
        break;
    }
}

static void as_answer(enum op op, const uint8_t *data, size_t size)
{
    struct op_answer answer, before;
    size_t bytes = 0;
    memset(&answer, 7, sizeof answer);
    before = answer;
    int err = op_answer_decode(&answer, op, data, size);
    INVARIANT(err == 0 || err == -EBADMSG || err == -ENOTSUP);
    if (err) {
        INVARIANT(memcmp(&answer, &before, sizeof answer) == 0);
        return;
    }
    if (answer.status == OP_SUCCESS)
        look_at_lists(op, &answer, data, size);
    INVARIANT(op_answer_encode(again, size - 1, &bytes, op, &answer) == -EMSGSIZE && bytes == 0);
    INVARIANT(op_answer_encode(again, size, &bytes, op, &answer) == 0);
    INVARIANT(bytes == size && memcmp(again, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > BYTES_MAX)
        return 0;
    if (data[0] == 0)
        as_request(data + 1, size - 1);
    else
        as_answer((enum op)data[0], data + 1, size - 1);
    return 0;
}
