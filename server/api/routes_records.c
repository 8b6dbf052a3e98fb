#include <stdlib.h>
#include <string.h>

#include "api/routes.h"
#include "base/hex.h"

enum next records_post(struct request *request)
{
    if (request->body_bytes == 0 || request->body_bytes % RECORD_ADDRESSED_BYTES != 0) {
        reply_problem(&request->reply, PROBLEM_MALFORMED_BODY);
        return NEXT_REPLY;
    }
    if (request_key_hash(request, request->key_hash)) {
        reply_problem(&request->reply, PROBLEM_KEY_REQUIRED);
        return NEXT_REPLY;
    }
    size_t count = request->body_bytes / RECORD_ADDRESSED_BYTES;
    struct post_refusal *refusals = calloc(count, sizeof *refusals);
    if (!refusals) {
        reply_problem(&request->reply, PROBLEM_UNAVAILABLE);
        return NEXT_REPLY;
    }
    request->post = (struct post){
        .kind = &post_records,
        .bucket_hash = request->path_id,
        .key_hash = request->key_hash,
        .record_kind = request->route->kind,
        .records = request->body,
        .record_count = count,
        .refusals = refusals,
    };
    return NEXT_WAIT;
}

static const char *reason_text(int reason)
{
    switch (reason) {
    case -ELOOP:
        return "own";
    case -EXDEV:
        return "other-place";
    case -ENOENT:
        return "unknown-addressee";
    case -EDQUOT:
        return "sender-limit";
    default:
        return "taken";
    }
}

static void reply_receipt(struct request *request)
{
    const struct post *post = &request->post;
    struct v1_refusal *refusals = calloc(post->refused + 1, sizeof *refusals);
    if (!refusals) {
        reply_problem(&request->reply, PROBLEM_UNAVAILABLE);
        return;
    }
    for (size_t i = 0; i < post->refused; i++) {
        refusals[i].index = (uint32_t)post->refusals[i].index;
        strcpy(refusals[i].reason, reason_text(post->refusals[i].reason));
    }
    struct v1_receipt receipt = {(uint32_t)post->stored, (uint32_t)post->duplicate,
                                 (uint32_t)post->refused, refusals};
    reply_json(&request->reply, 200, v1_receipt_encode(&receipt));
    free(refusals);
}

void records_post_finish(struct request *request)
{
    if (request->post.outcome == POST_STORED)
        reply_receipt(request);
    else
        reply_outcome(&request->reply, &request->post);
}

enum next records_get(struct request *request)
{
    struct blob records;
    struct feed_cursor next;
    bool more;
    const char *to = request_parameter(request, "to"), *after = request_parameter(request, "after");
    if (to && hex_decode(request->query_id, ID_BYTES, to)) {
        reply_problem(&request->reply, PROBLEM_MALFORMED_ID);
        return NEXT_REPLY;
    }
    if (after && hex_decode(request->cursor.bytes, FEED_CURSOR_BYTES, after)) {
        reply_problem(&request->reply, PROBLEM_BAD_CURSOR);
        return NEXT_REPLY;
    }
    int err = service_records(request->api->service, request->path_id, request->route->kind,
                              to ? request->query_id : NULL, after ? &request->cursor : NULL,
                              &records, &next, &more);
    if (err == -EBADMSG)
        reply_problem(&request->reply, PROBLEM_BAD_CURSOR);
    else if (err)
        reply_bucket_error(&request->reply, err);
    else
        reply_bytes(&request->reply, 200, records);
    if (!err && more)
        reply_cursor(&request->reply, &next);
    return NEXT_REPLY;
}
