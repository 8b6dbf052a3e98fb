#include "api/routes.h"
#include "base/hex.h"

enum next link_post(struct request *request)
{
    if (request->body_bytes != LINK_BLOB_BYTES) {
        reply_problem(&request->reply, PROBLEM_MALFORMED_BODY);
        return NEXT_REPLY;
    }
    if (post_take_stamp(request))
        return NEXT_REPLY;
    request->post = (struct post){.kind = &post_link, .given = request->body};
    return NEXT_WAIT;
}

void link_post_finish(struct request *request)
{
    const struct post *post = &request->post;
    if (post->outcome != POST_STORED && post->outcome != POST_STOOD) {
        reply_posted(request);
        return;
    }
    struct v1_bucket bucket = bucket_as_json(&post->bucket);
    reply_json(&request->reply, post->outcome == POST_STORED ? 201 : 200,
               v1_posted_link_encode(&bucket));
    if (request->reply.status == 201) {
        char bucket_hash[2 * ID_BYTES + 1];
        hex_encode(bucket_hash, post->bucket.bucket_hash, ID_BYTES);
        reply_header(&request->reply, "Location", "/v1/links/%s", bucket_hash);
    }
}

enum next links_current(struct request *request)
{
    struct bucket_facts facts;
    int err = service_current_links(request->api->service, &facts);
    if (err) {
        reply_bucket_error(&request->reply, err);
        return NEXT_REPLY;
    }
    struct v1_bucket bucket = bucket_as_json(&facts);
    reply_json(&request->reply, 200, v1_posted_link_encode(&bucket));
    return NEXT_REPLY;
}

/* The id goes with the slots, so that a reader who was given the hash alone can check it. */
static void add_id(struct reply *reply, const struct bucket_id *id)
{
    uint8_t binary[BUCKET_ID_BINARY_BYTES];
    char text[2 * BUCKET_ID_BINARY_BYTES + 1];
    bucket_id_pack(binary, id);
    hex_encode(text, binary, sizeof binary);
    reply_header(reply, "Reunion-Bucket-Id", "%s", text);
}

enum next links_get(struct request *request)
{
    struct blob slots;
    struct bucket_facts facts;
    uint8_t tag[ID_BYTES];
    int err = service_links(request->api->service, request->path_id, &slots, &facts, tag);
    if (err) {
        reply_bucket_error(&request->reply, err);
        return NEXT_REPLY;
    }
    reply_content(request, slots, &facts, tag);
    add_id(&request->reply, &facts.id);
    return NEXT_REPLY;
}
