#include "ops/answers.h"

enum { RETRY_S = 1 };

enum ops_next answer_with(const struct ops_call *call, const struct op_answer *with,
                          struct ops_answer *answer)
{
    INVARIANT(call->p_bytes_max <= OPS_P_BYTES_MAX);
    int err =
        op_answer_encode(answer->p, call->p_bytes_max, &answer->bytes, call->request.op, with);
    INVARIANT(!err);
    answer->status = with->status;
    return OPS_ANSWER;
}

enum ops_next answer_status(const struct ops_call *call, enum op_status status,
                            struct ops_answer *answer)
{
    return answer_with(call, &(struct op_answer){.status = status}, answer);
}

enum ops_next answer_not_now(const struct ops_call *call, uint32_t retry_s,
                             struct ops_answer *answer)
{
    const struct op_answer with = {
        .status = OP_NOT_NOW,
        .retry_after_s = retry_s < 1            ? RETRY_S
                         : retry_s > UINT16_MAX ? UINT16_MAX
                                                : (uint16_t)retry_s,
    };
    return answer_with(call, &with, answer);
}

enum ops_next answer_error(const struct ops_call *call, int err, struct ops_answer *answer)
{
    if (err == -ENOENT)
        return answer_status(call, OP_NOT_FOUND, answer);
    if (err == -EKEYEXPIRED)
        return answer_status(call, OP_GONE, answer);
    return answer_not_now(call, RETRY_S, answer);
}

struct op_bucket op_bucket_of(const struct bucket_facts *facts)
{
    return (struct op_bucket){
        .created_s = facts->id.created,
        .sequence = facts->id.sequence,
        .bucket_hash = facts->bucket_hash,
        .count = (uint16_t)facts->count,
        .open = facts->open,
        .expires_s = (uint64_t)facts->expires_s,
    };
}

const uint8_t *unless_none(const uint8_t *field, size_t bytes)
{
    return op_is_none(field, bytes) ? NULL : field;
}

size_t items_that_fit(const struct ops_call *call, size_t item_bytes)
{
    return op_answer_room(call->request.op, call->p_bytes_max) / item_bytes;
}
