#include "api/routes.h"

/* The Python server's protocol: every answer is all there is, whatever was posted. */

static void reply_all(struct request *request)
{
    struct blob records;
    if (request->route->kind == RECORD_T1 && request->body_bytes > 0)
        reference_round(request->api->reference, request->body, request->body_bytes);
    if (reference_read(request->api->reference, request->route->kind, &records))
        reply_problem(&request->reply, PROBLEM_UNAVAILABLE);
    else
        reply_bytes(&request->reply, 200, records);
}

enum next reference_get(struct request *request)
{
    reply_all(request);
    return NEXT_REPLY;
}

enum next reference_post(struct request *request)
{
    int err = reference_post_new(request->api->reference, request->route->kind, request->body,
                                 request->body_bytes, &request->post);
    if (err == 0)
        return NEXT_WAIT;
    if (err == -ENOMEM)
        reply_problem(&request->reply, PROBLEM_UNAVAILABLE);
    else
        reply_all(request);
    return NEXT_REPLY;
}

void reference_post_finish(struct request *request)
{
    if (request->post.outcome == POST_STORED)
        reply_all(request);
    else
        reply_posted(request);
}
