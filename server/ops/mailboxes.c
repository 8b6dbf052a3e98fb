#include <string.h>

#include "ops/handlers.h"

_Static_assert((int)OP_READ_KEY_BYTES == READ_KEY_BYTES && (int)OP_COPY_BYTES == COPY_BYTES,
               "what is sent is what is stored");

/* Changing */

enum ops_next op_change_mailbox(struct ops_call *call, struct ops_answer *answer)
{
    enum op op = call->request.op;
    struct post *post = &call->posting.post;
    (void)answer;
    *post = (struct post){
        .kind = op == OP_OPEN_MAILBOX    ? &post_mailbox
                : op == OP_REMOVE_COPIES ? &post_mailbox_removal
                                         : &post_mailbox_closing,
        .mailbox_cursor = call->request.mailbox.cursor,
    };
    service_mailbox_id(post->mailbox_id, call->request.mailbox.read_key);
    return OPS_WAIT;
}

enum ops_next op_deliver(struct ops_call *call, struct ops_answer *answer)
{
    const struct op_items *delivery = &call->request.delivery;
    (void)answer;
    service_take_delivery(call->ops->service, &call->posting.post, call->posting.copy,
                          delivery->bytes, delivery->count);
    return OPS_WAIT;
}

/* Reading */

static enum ops_next look(struct ops_call *call, bool may_be_empty, struct ops_answer *answer)
{
    struct blob copies;
    struct mailbox_page page;
    int err =
        service_mailbox(call->ops->service, call->feed.mailbox_id, call->request.mailbox.cursor,
                        items_that_fit(call, COPY_BYTES), &copies, &page);
    if (err)
        return answer_error(call, err, answer);
    enum ops_next next = OPS_WAIT;
    if (page.count > 0 || may_be_empty) {
        const struct op_answer with = {
            .copies = {page.more, page.cursor, {copies.data, page.count}}};
        next = answer_with(call, &with, answer);
    }
    blob_free(&copies);
    return next;
}

enum ops_next op_read_mailbox(struct ops_call *call, struct ops_answer *answer)
{
    op_start_wait(call, call->request.mailbox.wait_s);
    service_mailbox_id(call->feed.mailbox_id, call->request.mailbox.read_key);
    return look(call, op_wait_is_over(call), answer);
}

void op_mailbox_begin(struct ops_call *call)
{
    call->feed.error = service_mailbox_wait(call->ops->service, call->feed.mailbox_id,
                                            call->request.mailbox.cursor, &call->feed.waiter);
    if (call->feed.error)
        call->resume(call);
}

enum ops_next op_mailbox_finish(struct ops_call *call, struct ops_answer *answer)
{
    if (call->feed.error)
        return answer_not_now(call, 0, answer);
    return look(call, op_wait_is_over(call), answer);
}
