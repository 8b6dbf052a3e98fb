#include <inttypes.h>
#include <string.h>

#include "api/routes.h"
#include "base/hex.h"

enum { BUCKETS_PER_PAGE = 64 };

struct v1_bucket bucket_as_json(const struct bucket_facts *facts)
{
    struct v1_bucket bucket = {
        .id = facts->id,
        .count = facts->count,
        .open = facts->open,
        .expires = (uint64_t)facts->expires_s,
    };
    memcpy(bucket.bucket_hash, facts->bucket_hash, ID_BYTES);
    return bucket;
}

void reply_bucket_error(struct reply *reply, int err)
{
    if (err == -ENOENT)
        reply_problem(reply, PROBLEM_UNKNOWN_BUCKET);
    else if (err == -EKEYEXPIRED)
        reply_problem(reply, PROBLEM_BUCKET_GONE);
    else
        reply_problem(reply, PROBLEM_UNAVAILABLE);
}

enum next buckets_get(struct request *request)
{
    struct bucket_facts facts[BUCKETS_PER_PAGE];
    struct v1_bucket buckets[BUCKETS_PER_PAGE];
    size_t count;
    bool more;
    const char *after = request_parameter(request, "after");
    if (after && hex_decode(request->query_id, ID_BYTES, after)) {
        reply_problem(&request->reply, PROBLEM_MALFORMED_ID);
        return NEXT_REPLY;
    }
    if (request_place(request))
        return NEXT_REPLY;
    int err =
        service_buckets(request->api->service, request->place, after ? request->query_id : NULL,
                        facts, BUCKETS_PER_PAGE, &count, &more);
    if (err) {
        reply_bucket_error(&request->reply, err);
        return NEXT_REPLY;
    }
    for (size_t i = 0; i < count; i++)
        buckets[i] = bucket_as_json(&facts[i]);
    struct v1_paid paid;
    service_classes(request->api->service, request->place, &paid.effort, paid.classes);
    reply_json(&request->reply, 200,
               v1_buckets_add_paid(v1_buckets_encode(buckets, count, more), &paid));
    return NEXT_REPLY;
}

enum next bucket_get(struct request *request)
{
    struct bucket_facts facts;
    int err = service_bucket(request->api->service, request->path_id, &facts);
    if (err) {
        reply_bucket_error(&request->reply, err);
        return NEXT_REPLY;
    }
    struct v1_bucket bucket = bucket_as_json(&facts);
    reply_json(&request->reply, 200, v1_bucket_encode(&bucket));
    return NEXT_REPLY;
}

/* Whether If-None-Match has the tag, or "*". */
static bool matches(const char *if_none_match, const char *tag)
{
    return if_none_match && (strcmp(if_none_match, "*") == 0 || strstr(if_none_match, tag));
}

void reply_content(struct request *request, struct blob blob, const struct bucket_facts *facts,
                   const uint8_t tag[static ID_BYTES])
{
    char text[2 * ID_BYTES + 1], quoted[2 * ID_BYTES + 3];
    int64_t now_s = service_now_s(request->api->service);
    if (!facts->closed) {
        reply_bytes(&request->reply, 200, blob);
        return;
    }
    hex_encode(text, tag, ID_BYTES);
    snprintf(quoted, sizeof quoted, "\"%s\"", text);
    if (matches(request->if_none_match, quoted)) {
        blob_free(&blob);
        reply_empty(&request->reply, 304);
    } else {
        reply_bytes(&request->reply, 200, blob);
    }
    reply_header(&request->reply, "ETag", "%s", quoted);
    reply_header(&request->reply, "Cache-Control", "public, immutable, max-age=%" PRId64,
                 facts->expires_s > now_s ? facts->expires_s - now_s : 0);
}

_Static_assert((int)V1_CLASSES_MAX == (int)STAMP_CLASSES, "a member for each class");

enum next bucket_stamps_get(struct request *request)
{
    struct blob stamps;
    bool more;
    int err =
        service_stamps(request->api->service, request->path_id, NULL, SIZE_MAX, &stamps, &more);
    if (err)
        reply_bucket_error(&request->reply, err);
    else
        reply_bytes(&request->reply, 200, stamps);
    return NEXT_REPLY;
}

enum next bucket_t1s_get(struct request *request)
{
    struct blob t1s;
    struct bucket_facts facts;
    uint8_t tag[ID_BYTES];
    int err = service_t1s(request->api->service, request->path_id, &t1s, &facts, tag);
    if (err)
        reply_bucket_error(&request->reply, err);
    else
        reply_content(request, t1s, &facts, tag);
    return NEXT_REPLY;
}
