#include "ops/handlers.h"

enum { RETRY_S = 1 };

/* Answers */

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

void ops_refuse(const struct ops_call *call, uint32_t retry_s, struct ops_answer *answer)
{
    (void)answer_not_now(call, retry_s, answer);
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

/* Ops */

struct handler {
    enum ops_next (*handle)(struct ops_call *call, struct ops_answer *answer);
    enum ops_rate rate;
    void (*begin)(struct ops_call *call);
    enum ops_next (*finish)(struct ops_call *call, struct ops_answer *answer);
};

static const struct handler handlers[] = {
    [OP_DESCRIBE] = {.handle = op_describe},
    [OP_POST_T1] = {op_post_t1, OPS_RATE_T1, op_post_begin, op_post_finish},
    [OP_FETCH_T1] = {.handle = op_fetch_t1},
    [OP_LIST_BUCKETS] = {.handle = op_list_buckets},
    [OP_FIND_BUCKET] = {.handle = op_find_bucket},
    [OP_READ_T1S] = {.handle = op_read_t1s},
    [OP_POST_T2S] = {op_post_records, OPS_RATE_OTHER, op_post_begin, op_post_finish},
    [OP_POST_T3S] = {op_post_records, OPS_RATE_OTHER, op_post_begin, op_post_finish},
    [OP_FEED] = {op_feed, OPS_RATE_OTHER, op_feed_begin, op_feed_finish},
    [OP_READ_LINKS] = {.handle = op_read_links},
    [OP_POST_LINK] = {op_post_link, OPS_RATE_LINK, op_post_begin, op_post_finish},
    [OP_READ_STAMPS] = {.handle = op_read_stamps},
    [OP_LIST_PLACE_BUCKETS] = {.handle = op_list_buckets},
};

/* Or NULL: there is no such op here. */
static const struct handler *handler_of(enum op op)
{
    size_t number = (size_t)op;
    return number < sizeof handlers / sizeof handlers[0] && handlers[number].handle
               ? &handlers[number]
               : NULL;
}

enum ops_next ops_take(struct ops_call *call, enum ops_rate *rate, struct ops_answer *answer)
{
    INVARIANT(call->q_bytes >= 1 && call->q_bytes <= OPS_Q_BYTES_MAX);
    enum op op = (enum op)call->q[0];
    const struct handler *handler = handler_of(op);
    call->request.op = op;
    if (op == OP_MIX)
        return OPS_DROP;
    if (!handler)
        return answer_status(call, OP_UNKNOWN, answer);
    if (op_request_decode(&call->request, call->q, call->q_bytes))
        return answer_status(call, OP_MALFORMED, answer);
    *rate = handler->rate;
    return OPS_HANDLE;
}

enum ops_next ops_handle(struct ops_call *call, struct ops_answer *answer)
{
    return handler_of(call->request.op)->handle(call, answer);
}

void ops_begin(struct ops_call *call)
{
    handler_of(call->request.op)->begin(call);
}

enum ops_next ops_finish(struct ops_call *call, struct ops_answer *answer)
{
    return handler_of(call->request.op)->finish(call, answer);
}

bool ops_waits_long(const struct ops_call *call)
{
    return call->request.op == OP_FEED;
}
