#include <string.h>

#include "base/owner_of.h"
#include "ops/handlers.h"

static const struct brief_cursor *cursor_of(const struct ops_call *call)
{
    return call->feed.has_cursor ? &call->feed.cursor : NULL;
}

static struct t1_reader reader_of(const struct ops_call *call)
{
    return (struct t1_reader){call->request.feed.t1_id, call->client};
}

/* Waiting */

void op_wake(struct waiter *waiter)
{
    struct ops_call *call = OWNER_OF(waiter, struct ops_call, feed.waiter);
    call->resume(call);
}

void op_start_wait(struct ops_call *call, uint8_t wait_s)
{
    uint16_t wait_s_max = call->ops->wait_s_max;
    int64_t wait_ms = 1000 * (int64_t)(wait_s < wait_s_max ? wait_s : wait_s_max);
    memset(&call->feed, 0, sizeof call->feed);
    call->feed.waiter.kind = WAITER_IN_PACKETS;
    call->feed.waiter.wake = op_wake;
    call->feed.waiter.deadline_ms = service_now_ms(call->ops->service) + wait_ms;
}

bool op_wait_is_over(const struct ops_call *call)
{
    return call->feed.ended || atomic_load(&call->ops->stops) ||
           service_now_ms(call->ops->service) >= call->feed.waiter.deadline_ms;
}

bool ops_waits_long(const struct ops_call *call)
{
    return call->request.op == OP_FEED || call->request.op == OP_READ_MAILBOX;
}

bool ops_wait_for_the_same(const struct ops_call *one, const struct ops_call *other)
{
    if (one->request.op != other->request.op)
        return false;
    return one->request.op == OP_FEED
               ? memcmp(one->request.feed.bucket_hash, other->request.feed.bucket_hash, ID_BYTES) ==
                     0
               : memcmp(one->feed.mailbox_id, other->feed.mailbox_id, MAILBOX_ID_BYTES) == 0;
}

/* Feeds */

/* Look at what there is; the call's cursor goes behind it. Returns: OPS_WAIT if that is nothing and
 * the answer may not be empty. */
static enum ops_next look(struct ops_call *call, bool may_be_empty, struct ops_answer *answer)
{
    struct blob frames;
    const struct t1_reader reader = reader_of(call);
    int err =
        service_t1_feed(call->ops->service, call->request.feed.bucket_hash, &reader,
                        cursor_of(call), items_that_fit(call, 1), &frames, &call->feed.cursor);
    if (err)
        return answer_error(call, err, answer);
    call->feed.has_cursor = true;
    enum ops_next next = OPS_WAIT;
    if (frames.bytes > 0 || may_be_empty) {
        const struct op_answer with = {
            .feed = {call->feed.cursor.bytes, {frames.data, frames.bytes}}};
        next = answer_with(call, &with, answer);
    }
    blob_free(&frames);
    return next;
}

enum ops_next op_feed(struct ops_call *call, struct ops_answer *answer)
{
    const uint8_t *cursor = call->request.feed.cursor;
    op_start_wait(call, call->request.feed.wait_s);
    call->feed.has_cursor = !op_is_none(cursor, OP_CURSOR_BYTES);
    memcpy(call->feed.cursor.bytes, cursor, OP_CURSOR_BYTES);
    return look(call, op_wait_is_over(call), answer);
}

_Static_assert((int)BRIEF_CURSOR_BYTES == OP_CURSOR_BYTES, "a cursor of the service is an op's");

void op_feed_begin(struct ops_call *call)
{
    const struct t1_reader reader = reader_of(call);
    call->feed.error = service_t1_feed_wait(call->ops->service, call->request.feed.bucket_hash,
                                            &reader, cursor_of(call), &call->feed.waiter);
    if (call->feed.error)
        call->resume(call);
}

enum ops_next op_feed_finish(struct ops_call *call, struct ops_answer *answer)
{
    if (call->feed.error)
        return answer_not_now(call, 0, answer);
    return look(call, op_wait_is_over(call), answer);
}

void ops_end_wait(struct ops_call *call)
{
    INVARIANT(ops_waits_long(call));
    call->feed.ended = true;
    service_feed_cancel(call->ops->service, &call->feed.waiter);
}
