#include <string.h>

#include "api/routes.h"

enum next server_get(struct request *request)
{
    struct v1_server server = request->api->server;
    struct stamp_terms terms;
    service_stamp_terms(request->api->service, NULL, &terms);
    server.has_stamp = true;
    server.stamp = (struct v1_stamp){.t1_effort = terms.t1_effort,
                                     .link_effort = terms.link_effort,
                                     .until = (uint64_t)terms.until_s};
    memcpy(server.stamp.challenge, terms.challenge, sizeof server.stamp.challenge);
    reply_json(&request->reply, 200, v1_server_encode(&server));
    return NEXT_REPLY;
}

enum next health_get(struct request *request)
{
    request->post = (struct post){.kind = &post_probe};
    return NEXT_WAIT;
}

void health_finish(struct request *request)
{
    if (request->post.outcome == POST_STORED)
        reply_json(&request->reply, 200, json_pack("{s:s}", "status", "ok"));
    else
        reply_outcome(&request->reply, &request->post);
}

enum next openapi_get(struct request *request)
{
    reply_copy(&request->reply, "application/json", request->api->openapi);
    return NEXT_REPLY;
}

enum next metrics_get(struct request *request)
{
    struct blob text;
    if (metrics_text(request->api->metrics, &text))
        reply_problem(&request->reply, PROBLEM_UNAVAILABLE);
    else
        reply_text(&request->reply, "text/plain; version=0.0.4; charset=utf-8", text);
    return NEXT_REPLY;
}
