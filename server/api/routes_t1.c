#include <inttypes.h>
#include <string.h>

#include "api/routes.h"
#include "base/hex.h"

enum next t1_post(struct request *request)
{
    struct t1_draft draft = {.bytes = request->body, .keyed = true};
    const char *bucket_hash = request_parameter(request, "bucket");
    if (request->body_bytes != RECORD_T1_BYTES) {
        reply_problem(&request->reply, PROBLEM_MALFORMED_BODY);
        return NEXT_REPLY;
    }
    if (bucket_hash && hex_decode(request->query_id, ID_BYTES, bucket_hash)) {
        reply_problem(&request->reply, PROBLEM_MALFORMED_ID);
        return NEXT_REPLY;
    }
    if (request_place(request))
        return NEXT_REPLY;
    if (request_key_hash(request, draft.key_hash)) {
        reply_problem(&request->reply, PROBLEM_KEY_REQUIRED);
        return NEXT_REPLY;
    }
    if (post_take_stamp(request))
        return NEXT_REPLY;
    if (bucket_hash)
        draft.bucket_hash = request->query_id;
    draft.place = request->place;
    post_t1_id(draft.id, request->body);
    request->post = (struct post){.kind = &post_t1, .t1 = draft};
    return NEXT_WAIT;
}

void t1_post_finish(struct request *request)
{
    const struct post *post = &request->post;
    if (post->outcome != POST_STORED && post->outcome != POST_STOOD &&
        post->outcome != POST_RAISED) {
        reply_posted(request);
        return;
    }
    struct v1_bucket bucket = bucket_as_json(&post->bucket);
    char text[V1_POSTED_T1_BYTES];
    size_t length = v1_posted_t1_print(text, &bucket, post->t1.id);
    reply_json_text(&request->reply, post->outcome == POST_STORED ? 201 : 200, text, length);
    if (request->reply.status == 201) {
        char id[2 * ID_BYTES + 1];
        hex_encode(id, post->t1.id, ID_BYTES);
        reply_header(&request->reply, "Location", "/v1/t1/%s", id);
    }
}

/* `Reunion-Stamp: <nonce>; hour=…; effort=…; challenge=<64 hex>`, of a T1 that has one. */
static void add_stamp(struct reply *reply, const struct reported_stamp *reported)
{
    char nonce[2 * STAMP_NONCE_BYTES + 1], challenge[2 * STAMP_CHALLENGE_BYTES + 1];
    if (reported->stamp.effort == 0)
        return;
    hex_encode(nonce, reported->stamp.nonce, STAMP_NONCE_BYTES);
    hex_encode(challenge, reported->challenge, STAMP_CHALLENGE_BYTES);
    reply_header(reply, "Reunion-Stamp", "%s; hour=%" PRIu64 "; effort=%" PRIu32 "; challenge=%s",
                 nonce, reported->stamp.hour, reported->stamp.effort, challenge);
}

enum next t1_get(struct request *request)
{
    uint8_t bucket_hash[ID_BYTES];
    char text[2 * ID_BYTES + 1];
    struct blob body;
    struct reported_stamp reported;
    if (blob_new(&body, 1, RECORD_T1_BYTES)) {
        reply_problem(&request->reply, PROBLEM_UNAVAILABLE);
        return NEXT_REPLY;
    }
    int err =
        service_t1(request->api->service, request->path_id, body.data, bucket_hash, &reported);
    if (err) {
        blob_free(&body);
        reply_problem(&request->reply, err == -ENOENT ? PROBLEM_UNKNOWN_T1 : PROBLEM_UNAVAILABLE);
        return NEXT_REPLY;
    }
    body.bytes = RECORD_T1_BYTES;
    reply_bytes(&request->reply, 200, body);
    hex_encode(text, bucket_hash, ID_BYTES);
    reply_header(&request->reply, "Reunion-Bucket", "%s", text);
    add_stamp(&request->reply, &reported);
    return NEXT_REPLY;
}
