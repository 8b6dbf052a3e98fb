#include <string.h>

#include "api/routes.h"
#include "base/hex.h"
#include "base/owner_of.h"

/* Whole seconds in plain digits. Returns: 0, -EBADMSG. */
static int parse_wait_s(const char *text, uint32_t limit, uint32_t *wait_s)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 9 || text[digits] != '\0' || (digits > 1 && text[0] == '0'))
        return -EBADMSG;
    uint32_t value = 0;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (uint32_t)(text[i] - '0');
    if (value > limit)
        return -EBADMSG;
    *wait_s = value;
    return 0;
}

int request_wait_s(struct request *request, uint32_t *wait_s)
{
    const char *wait = request_parameter(request, "wait");
    *wait_s = 0;
    if (!wait || parse_wait_s(wait, request->api->server.wait_s_max, wait_s) == 0)
        return 0;
    reply_problem(&request->reply, PROBLEM_MALFORMED_QUERY);
    return -EBADMSG;
}

void reply_cursor(struct reply *reply, const struct feed_cursor *next)
{
    char text[2 * FEED_CURSOR_BYTES + 1];
    hex_encode(text, next->bytes, sizeof next->bytes);
    reply_header(reply, "Reunion-Cursor", "%s", text);
}

/* The frames after the cursor, and the cursor after them. Returns: whether the reply is complete;
 * if not, there is nothing yet. */
static bool reply_frames(struct request *request, bool may_be_empty)
{
    struct blob frames;
    struct feed_cursor next;
    int err = service_feed(request->api->service, request->path_id,
                           request->has_cursor ? &request->cursor : NULL, &frames, &next);
    if (err == -EBADMSG) {
        reply_problem(&request->reply, PROBLEM_BAD_CURSOR);
        return true;
    }
    if (err) {
        reply_bucket_error(&request->reply, err);
        return true;
    }
    if (frames.bytes == 0 && !may_be_empty) {
        blob_free(&frames);
        return false;
    }
    reply_bytes(&request->reply, 200, frames);
    reply_cursor(&request->reply, &next);
    return true;
}

void request_wake(struct waiter *waiter)
{
    struct request *request = OWNER_OF(waiter, struct request, waiter);
    request->resume(request);
}

enum next feed_get(struct request *request)
{
    const char *after = request_parameter(request, "after");
    uint32_t wait_s;
    if (request_wait_s(request, &wait_s))
        return NEXT_REPLY;
    request->has_cursor = after != NULL;
    if (after && hex_decode(request->cursor.bytes, FEED_CURSOR_BYTES, after)) {
        reply_problem(&request->reply, PROBLEM_BAD_CURSOR);
        return NEXT_REPLY;
    }
    if (reply_frames(request, wait_s == 0))
        return NEXT_REPLY;
    request->waiter.deadline_ms = service_now_ms(request->api->service) + (int64_t)wait_s * 1000;
    return NEXT_WAIT;
}

void feed_begin(struct request *request)
{
    request->waiter.wake = request_wake;
    request->wait_error =
        service_feed_wait(request->api->service, request->path_id,
                          request->has_cursor ? &request->cursor : NULL, &request->waiter);
    if (request->wait_error)
        request->resume(request);
}

void feed_abandon(struct request *request)
{
    service_feed_cancel(request->api->service, &request->waiter);
}

void feed_finish(struct request *request)
{
    if (request->wait_error)
        reply_problem(&request->reply, PROBLEM_TOO_MANY_WAITING);
    else
        (void)reply_frames(request, true);
}
