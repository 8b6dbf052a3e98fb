#include <inttypes.h>
#include <string.h>

#include "api/routes.h"
#include "base/cursor.h"
#include "base/hex.h"

enum { CURSOR_BYTES = 8 };

/* Take in the read key, which has to be that of the mailbox in the path. Returns: 0, -EACCES (the
 * reply is complete). */
static int check_key(struct request *request)
{
    uint8_t id[MAILBOX_ID_BYTES];
    if (request_mailbox_id(request, id)) {
        reply_problem(&request->reply, PROBLEM_READ_KEY_REQUIRED);
        return -EACCES;
    }
    if (memcmp(id, request->path_id, MAILBOX_ID_BYTES) != 0) {
        reply_problem(&request->reply, PROBLEM_WRONG_READ_KEY);
        return -EACCES;
    }
    return 0;
}

/* A cursor in the query, 0 without it. Returns: 0, -EBADMSG (the reply is complete). */
static int take_cursor(struct request *request, const char *name)
{
    const char *text = request_parameter(request, name);
    uint8_t bytes[CURSOR_BYTES] = {0};
    if (text && hex_decode(bytes, sizeof bytes, text)) {
        reply_problem(&request->reply, PROBLEM_BAD_CURSOR);
        return -EBADMSG;
    }
    struct cursor cursor = cursor_over(bytes, sizeof bytes);
    request->mailbox_cursor = cursor_be64(&cursor);
    return 0;
}

static void reply_mailbox_error(struct reply *reply, int err)
{
    reply_problem(reply, err == -ENOENT        ? PROBLEM_UNKNOWN_MAILBOX
                         : err == -EKEYEXPIRED ? PROBLEM_MAILBOX_CLOSED
                                               : PROBLEM_UNAVAILABLE);
}

/* Opening */

enum next mailbox_post(struct request *request)
{
    request->post = (struct post){.kind = &post_mailbox};
    if (request_mailbox_id(request, request->post.mailbox_id) == 0)
        return NEXT_WAIT;
    reply_problem(&request->reply, PROBLEM_READ_KEY_REQUIRED);
    return NEXT_REPLY;
}

void mailbox_post_finish(struct request *request)
{
    const struct post *post = &request->post;
    char id[2 * MAILBOX_ID_BYTES + 1];
    if (post->outcome != POST_STORED && post->outcome != POST_RAISED) {
        reply_outcome(&request->reply, post);
        return;
    }
    hex_encode(id, post->mailbox_id, MAILBOX_ID_BYTES);
    reply_json(&request->reply, post->outcome == POST_STORED ? 201 : 200,
               json_pack("{s:s, s:I}", "id", id, "expires", (json_int_t)post->mailbox_ends_s));
    if (request->reply.status == 201)
        reply_header(&request->reply, "Location", "/v1/mailboxes/%s", id);
}

/* Reading */

/* Returns: whether the reply is complete; if not, there is nothing yet. */
static bool reply_copies(struct request *request, bool may_be_empty)
{
    struct blob copies;
    struct mailbox_page page;
    size_t capacity = request->api->server.feed_answer_bytes_max / COPY_BYTES;
    int err = service_mailbox(request->api->service, request->path_id, request->mailbox_cursor,
                              capacity > 0 ? capacity : 1, &copies, &page);
    if (err) {
        reply_mailbox_error(&request->reply, err);
        return true;
    }
    if (page.count == 0 && !may_be_empty) {
        blob_free(&copies);
        return false;
    }
    reply_bytes(&request->reply, 200, copies);
    reply_header(&request->reply, "Reunion-Cursor", "%016" PRIx64, page.cursor);
    reply_header(&request->reply, "Reunion-More", "%d", page.more);
    return true;
}

enum next mailbox_get(struct request *request)
{
    uint32_t wait_s;
    if (request_wait_s(request, &wait_s) || take_cursor(request, "after") || check_key(request) ||
        reply_copies(request, wait_s == 0))
        return NEXT_REPLY;
    request->waiter.deadline_ms = service_now_ms(request->api->service) + (int64_t)wait_s * 1000;
    return NEXT_WAIT;
}

void mailbox_begin(struct request *request)
{
    request->waiter.wake = request_wake;
    request->wait_error = service_mailbox_wait(request->api->service, request->path_id,
                                               request->mailbox_cursor, &request->waiter);
    if (request->wait_error)
        request->resume(request);
}

void mailbox_get_finish(struct request *request)
{
    if (request->wait_error)
        reply_problem(&request->reply, PROBLEM_TOO_MANY_WAITING);
    else
        (void)reply_copies(request, true);
}

/* Changing */

static enum next change(struct request *request, const struct post_kind *kind)
{
    if (check_key(request))
        return NEXT_REPLY;
    request->post = (struct post){.kind = kind, .mailbox_cursor = request->mailbox_cursor};
    memcpy(request->post.mailbox_id, request->path_id, MAILBOX_ID_BYTES);
    return NEXT_WAIT;
}

enum next mailbox_delete(struct request *request)
{
    return change(request, &post_mailbox_closing);
}

enum next copies_delete(struct request *request)
{
    if (!request_parameter(request, "to")) {
        reply_problem(&request->reply, PROBLEM_MALFORMED_QUERY);
        return NEXT_REPLY;
    }
    return take_cursor(request, "to") ? NEXT_REPLY : change(request, &post_mailbox_removal);
}

/* Bytes that do not open are as good as those that do. The copy is put where they are. */
enum next delivery_post(struct request *request)
{
    uint8_t copy[COPY_BYTES];
    service_take_delivery(request->api->service, &request->post, copy, request->body,
                          request->body_bytes);
    if (request->post.given) {
        memcpy(request->body, copy, sizeof copy);
        request->post.given = request->body;
    }
    return NEXT_WAIT;
}

void mailbox_change_finish(struct request *request)
{
    enum post_outcome outcome = request->post.outcome;
    if (outcome == POST_STORED || outcome == POST_STOOD)
        reply_empty(&request->reply, 204);
    else
        reply_outcome(&request->reply, &request->post);
}
