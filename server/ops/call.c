#include "ops/handlers.h"

struct handler {
    enum ops_next (*handle)(struct ops_call *call, struct ops_answer *answer);
    enum ops_rate rate;
    void (*begin)(struct ops_call *call);
    enum ops_next (*finish)(struct ops_call *call, struct ops_answer *answer);
    bool of_mailboxes; /* it is there only where these are served */
};

static const struct handler handlers[] = {
    [OP_DESCRIBE] = {.handle = op_describe},
    [OP_POST_T1] = {op_post_t1, OPS_RATE_T1, op_post_begin, op_post_finish, false},
    [OP_FETCH_T1] = {.handle = op_fetch_t1},
    [OP_LIST_BUCKETS] = {.handle = op_list_buckets},
    [OP_FIND_BUCKET] = {.handle = op_find_bucket},
    [OP_READ_T1S] = {.handle = op_read_t1s},
    [OP_POST_T2S] = {op_post_records, OPS_RATE_OTHER, op_post_begin, op_post_finish, false},
    [OP_POST_T3S] = {op_post_records, OPS_RATE_OTHER, op_post_begin, op_post_finish, false},
    [OP_FEED] = {op_feed, OPS_RATE_OTHER, op_feed_begin, op_feed_finish, false},
    [OP_READ_LINKS] = {.handle = op_read_links},
    [OP_POST_LINK] = {op_post_link, OPS_RATE_LINK, op_post_begin, op_post_finish, false},
    [OP_READ_STAMPS] = {.handle = op_read_stamps},
    [OP_LIST_PLACE_BUCKETS] = {.handle = op_list_buckets},
    [OP_OPEN_MAILBOX] = {op_change_mailbox, OPS_RATE_MAILBOX, op_post_begin, op_post_finish, true},
    [OP_READ_MAILBOX] = {op_read_mailbox, OPS_RATE_OTHER, op_mailbox_begin, op_mailbox_finish,
                         true},
    [OP_REMOVE_COPIES] = {op_change_mailbox, OPS_RATE_OTHER, op_post_begin, op_post_finish, true},
    [OP_DELIVER] = {op_deliver, OPS_RATE_DELIVERY, op_post_begin, op_post_finish, true},
    [OP_CLOSE_MAILBOX] = {op_change_mailbox, OPS_RATE_OTHER, op_post_begin, op_post_finish, true},
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
    if (!handler || (handler->of_mailboxes && !service_has_mailboxes(call->ops->service)))
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

void ops_refuse(const struct ops_call *call, uint32_t retry_s, struct ops_answer *answer)
{
    (void)answer_not_now(call, retry_s, answer);
}
