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
    uint16_t wait_s = call->request.feed.wait_s, wait_s_max = call->ops->wait_s_max;
    const uint8_t *cursor = call->request.feed.cursor;
    if (wait_s > wait_s_max)
        wait_s = wait_s_max;
    memset(&call->feed, 0, sizeof call->feed);
    call->feed.has_cursor = !op_is_none(cursor, OP_CURSOR_BYTES);
    memcpy(call->feed.cursor.bytes, cursor, OP_CURSOR_BYTES);
    call->feed.waiter.kind = WAITER_IN_PACKETS;
    call->feed.waiter.deadline_ms = service_now_ms(call->ops->service) + (int64_t)wait_s * 1000;
    return look(call, wait_s == 0 || atomic_load(&call->ops->stops), answer);
}

_Static_assert((int)BRIEF_CURSOR_BYTES == OP_CURSOR_BYTES, "a cursor of the service is an op's");

static void waiter_wake(struct waiter *waiter)
{
    struct ops_call *call = OWNER_OF(waiter, struct ops_call, feed.waiter);
    call->resume(call);
}

void op_feed_begin(struct ops_call *call)
{
    const struct t1_reader reader = reader_of(call);
    call->feed.waiter.wake = waiter_wake;
    call->feed.error = service_t1_feed_wait(call->ops->service, call->request.feed.bucket_hash,
                                            &reader, cursor_of(call), &call->feed.waiter);
    if (call->feed.error)
        call->resume(call);
}

enum ops_next op_feed_finish(struct ops_call *call, struct ops_answer *answer)
{
    if (call->feed.error)
        return answer_not_now(call, 0, answer);
    bool over = call->feed.ended || atomic_load(&call->ops->stops) ||
                service_now_ms(call->ops->service) >= call->feed.waiter.deadline_ms;
    return look(call, over, answer);
}

bool ops_waits_long(const struct ops_call *call)
{
    return call->request.op == OP_FEED;
}

void ops_end_wait(struct ops_call *call)
{
    INVARIANT(ops_waits_long(call));
    call->feed.ended = true;
    service_feed_cancel(call->ops->service, &call->feed.waiter);
}
