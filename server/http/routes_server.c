#include "http/routes.h"

enum next server_get(struct request *request)
{
    reply_json(&request->reply, 200, v1_server_encode(&request->api->server));
    return NEXT_REPLY;
}

enum next health_get(struct request *request)
{
    request->post = (struct post){.kind = POST_PROBE};
    return NEXT_WAIT;
}

void health_finish(struct request *request)
{
    if (request->post.outcome == POST_STORED)
        reply_json(&request->reply, 200, json_pack("{s:s}", "status", "ok"));
    else
        reply_outcome(&request->reply, request->post.outcome);
}
