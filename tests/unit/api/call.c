#include "call.h"

#include <semaphore.h>
#include <string.h>

#include "api/route_table.h"

void call_api(struct api *api, struct host *host)
{
    static struct budget bodies;
    bodies.limit = 100000;
    *api = (struct api){
        .routes = route_table_main(false),
        .service = host->service,
        .reference = host->reference,
        .bodies = &bodies,
        .server = {.name = "reunion-server",
                   .version = "0",
                   .bucket_capacity = 64,
                   .wait_s_max = 60,
                   .records_per_post_max = 3,
                   .reference_body_bytes_max = 10000},
    };
}

static enum method method_named(const char *name, size_t length)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "DELETE"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == length && strncmp(name, names[i], length) == 0)
            return (enum method)i;
    return METHOD_OTHER;
}

/* As the HTTP library splits it. */
static void split_query(struct request *request, char *query)
{
    char *rest = query;
    for (char *pair = strtok_r(query, "&", &rest); pair; pair = strtok_r(NULL, "&", &rest)) {
        char *equals = strchr(pair, '=');
        if (equals)
            *equals = '\0';
        if (request->parameter_count < REQUEST_PARAMETERS_MAX)
            request->parameters[request->parameter_count] =
                (struct request_parameter){pair, equals ? equals + 1 : NULL};
        request->parameter_count++;
    }
}

static sem_t resumed;

static void resume(struct request *request)
{
    (void)request;
    sem_post(&resumed);
}

void call_begin(struct call *call, const struct api *api, const char *line, const void *body,
                size_t bytes, const char *key)
{
    static char authorization[128];
    const char *path = strchr(line, ' ') + 1;
    const char *question = strchr(path, '?');
    memset(call, 0, sizeof *call);
    struct request *request = &call->request;
    request->api = api;
    request->resume = resume;
    request->method = method_named(line, (size_t)(path - line) - 1);
    memcpy(call->path, path, question ? (size_t)(question - path) : strlen(path));
    request->path = call->path;
    if (question) {
        strcpy(call->query, question + 1);
        split_query(request, call->query);
    }
    if (key) {
        snprintf(authorization, sizeof authorization, "Bearer %s", key);
        request->authorization = authorization;
    }
    request->has_length = body != NULL;
    request->content_type = body ? "application/octet-stream" : NULL;
    request->length = bytes;
}

unsigned call_end(struct call *call, const void *body, size_t bytes)
{
    struct request *request = &call->request;
    router_check(request);
    /* In two pieces, as bodies come. */
    if (bytes > 0) {
        request_body(request, body, bytes / 2);
        request_body(request, (const uint8_t *)body + bytes / 2, bytes - bytes / 2);
    }
    if (router_handle(request) == NEXT_WAIT) {
        sem_init(&resumed, 0, 0);
        router_begin(request);
        while (sem_wait(&resumed))
            ;
        sem_destroy(&resumed);
        router_finish(request);
    }
    assert_true(request->reply.status > 0);
    return request->reply.status;
}

unsigned call_make(struct call *call, const struct api *api, const char *line, const void *body,
                   size_t bytes, const char *key)
{
    call_begin(call, api, line, body, bytes, key);
    return call_end(call, body, bytes);
}

const char *call_header(const struct call *call, const char *name)
{
    const struct reply *reply = &call->request.reply;
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcmp(reply->headers[i].name, name) == 0)
            return reply->headers[i].value;
    return NULL;
}

const char *call_problem(const struct call *call)
{
    static char slug[64];
    static const char prefix[] = "urn:reunion:problem:";
    const struct reply *reply = &call->request.reply;
    assert_string_equal(reply->content_type, "application/problem+json");
    json_t *json = json_loadb((const char *)reply->body.data, reply->body.bytes, 0, NULL);
    const char *type = json_string_value(json_object_get(json, "type"));
    assert_non_null(type);
    assert_memory_equal(type, prefix, sizeof prefix - 1);
    snprintf(slug, sizeof slug, "%s", type + sizeof prefix - 1);
    assert_int_equal(json_integer_value(json_object_get(json, "status")), reply->status);
    json_decref(json);
    return slug;
}
