#include "api/router.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/metrics.h"
#include "api/origin.h"
#include "base/hex.h"

/* Paths */

enum match { MATCH_NOT, MATCH_MALFORMED, MATCH };

/* Whether `path` has the form of a route's; the segment at "{}" is decoded into `id`. */
static enum match match_path(const struct route *route, const char *path,
                             uint8_t id[static ID_BYTES])
{
    const char *pattern = route->path;
    size_t id_bytes = route->id_bytes ? route->id_bytes : (size_t)ID_BYTES;
    const char *hole = strstr(pattern, "{}");
    if (!hole)
        return strcmp(pattern, path) == 0 ? MATCH : MATCH_NOT;
    size_t prefix = (size_t)(hole - pattern);
    if (strncmp(pattern, path, prefix) != 0)
        return MATCH_NOT;
    const char *segment = path + prefix;
    size_t length = strcspn(segment, "/");
    if (length == 0 || strcmp(segment + length, hole + 2) != 0)
        return MATCH_NOT;
    char digits[2 * ID_BYTES + 1] = "";
    if (length >= sizeof digits)
        return MATCH_MALFORMED;
    memcpy(digits, segment, length);
    return hex_decode(id, id_bytes, digits) ? MATCH_MALFORMED : MATCH;
}

static bool serves(const struct route *route, enum method method)
{
    return route->method == method || (route->method == METHOD_GET && method == METHOD_HEAD);
}

/* `methods` has a bit for each method that the path has. */
static void reply_not_allowed(struct request *request, unsigned methods)
{
    static const char *const names[] = {
        [METHOD_GET] = "GET, HEAD", [METHOD_POST] = "POST", [METHOD_DELETE] = "DELETE"};
    char allowed[64] = "";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (methods & 1u << i) {
            size_t length = strlen(allowed);
            snprintf(allowed + length, sizeof allowed - length, "%s%s", length > 0 ? ", " : "",
                     names[i]);
        }
    reply_problem(&request->reply, PROBLEM_METHOD);
    reply_header(&request->reply, "Allow", "%s", allowed);
}

static bool is_served(const struct api *api, const struct route *route)
{
    return (!route->of_mailboxes || service_has_mailboxes(api->service)) &&
           (!route->of_page || api->has_page);
}

static void find_route(struct request *request)
{
    unsigned methods = 0;
    bool malformed = false;
    const struct route_table *table = &request->api->routes;
    for (size_t i = 0; i < table->count; i++) {
        const struct route *route = &table->rows[i];
        enum match match = match_path(route, request->path, request->path_id);
        if (match == MATCH_NOT || !is_served(request->api, route))
            continue;
        malformed |= match == MATCH_MALFORMED;
        methods |= 1u << route->method;
        if (serves(route, request->method))
            request->route = route;
    }
    if (methods == 0)
        reply_problem(&request->reply, PROBLEM_NOT_FOUND);
    else if (!request->route)
        reply_not_allowed(request, methods);
    else if (malformed)
        reply_problem(&request->reply, PROBLEM_MALFORMED_ID);
}

/* Heads */

/* What a packet can carry behind its op. */
enum { DELIVERY_BODY_BYTES_MAX = 1165 };

static uint64_t body_limit(const struct request *request)
{
    switch (request->route->body) {
    case BODY_NONE:
        return 0;
    case BODY_T1:
        return RECORD_T1_BYTES;
    case BODY_RECORDS:
        return (uint64_t)request->api->server.records_per_post_max * RECORD_ADDRESSED_BYTES;
    case BODY_LINK:
        return LINK_BLOB_BYTES;
    case BODY_DELIVERY:
        return DELIVERY_BODY_BYTES_MAX;
    case BODY_REFERENCE:
        return request->api->server.reference_body_bytes_max;
    }
    return 0;
}

static bool has_media_type(const struct request *request)
{
    static const char wanted[] = "application/octet-stream";
    const char *given = request->content_type;
    if (request->route->body == BODY_NONE)
        return true;
    if (request->has_types)
        return false;
    /* The reference's client states no type, and a browser need not either. */
    if (!given)
        return request->route->body == BODY_REFERENCE && !request_is_from_browser(request);
    return strncasecmp(given, wanted, sizeof wanted - 1) == 0 &&
           strchr("; \t", given[sizeof wanted - 1]);
}

static void check_body(struct request *request)
{
    bool wanted = request->route->body != BODY_NONE;
    if (request->has_lengths)
        reply_problem(&request->reply, PROBLEM_CONFLICTING_LENGTHS);
    else if (request_is_cross_site(request))
        reply_problem(&request->reply, PROBLEM_CROSS_SITE);
    else if (request->has_chunks || (wanted && !request->has_length))
        reply_problem(&request->reply, PROBLEM_LENGTH_REQUIRED);
    else if (request->length > body_limit(request))
        reply_problem(&request->reply, PROBLEM_TOO_LARGE);
    else if (!has_media_type(request))
        reply_problem(&request->reply, PROBLEM_MEDIA_TYPE);
}

static bool is_known(const struct route *route, const char *name)
{
    for (size_t i = 0; i < ROUTE_PARAMETERS_MAX; i++)
        if (route->parameters[i] && strcmp(route->parameters[i], name) == 0)
            return true;
    return false;
}

/* Every parameter is known to the route, has a value, and comes once. */
static void check_parameters(struct request *request)
{
    bool fine = request->parameter_count <= REQUEST_PARAMETERS_MAX;
    for (size_t i = 0; fine && i < request->parameter_count; i++) {
        const struct request_parameter *parameter = &request->parameters[i];
        fine = parameter->value && is_known(request->route, parameter->name);
        for (size_t j = 0; fine && j < i; j++)
            fine = strcmp(request->parameters[j].name, parameter->name) != 0;
    }
    if (!fine)
        reply_problem(&request->reply, PROBLEM_MALFORMED_QUERY);
}

void router_check(struct request *request)
{
    if (request_answer_preflight(request))
        return;
    find_route(request);
    if (!request->reply.status)
        check_body(request);
    if (!request->reply.status)
        check_parameters(request);
}

enum next router_handle(struct request *request)
{
    return request->reply.status ? NEXT_REPLY : request->route->handle(request);
}

void router_begin(struct request *request)
{
    request->route->begin(request);
}

bool router_waits_long(const struct request *request)
{
    return request->route->abandon != NULL;
}

void router_abandon(struct request *request)
{
    request->route->abandon(request);
}

void router_finish(struct request *request)
{
    request->route->finish(request);
}

void router_count(const struct request *request)
{
    struct metrics *metrics = request->api->metrics;
    const struct reply *reply = &request->reply;
    if (!reply->status)
        return;
    metrics_request(metrics, request->route ? request->route->class : ROUTE_NONE, reply->status);
    if (reply->is_problem)
        metrics_refusal(metrics, reply->problem);
}
