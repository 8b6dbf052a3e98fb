#include "http/listener.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/acceptor.h"
#include "http/router.h"
#include "http/socket.h"

/* DESIGN: the library's threads call on_request several times for one request: with its head, with
 * each piece of its body, with the end of it, and once more after a suspended connection has been
 * resumed. One connection stays with one thread, so a request needs no lock. A connection is
 * suspended *before* its request is handed to whoever resumes it; the library allows the resuming
 * to come first. A body that nobody wants is read and dropped if it is small, so that the client,
 * still sending, sees the answer and not a reset; a large one is answered unread. */

enum { DROPPED_BODY_MAX = 65536 };

struct listener {
    const struct api *api;
    struct MHD_Daemon *daemon;
    int sockets[ACCEPTOR_SOCKETS_MAX]; /* the acceptor's, once there is one */
    size_t socket_count;
    struct acceptor acceptor;
    bool accepting;
    atomic_bool quiet;
    pthread_mutex_t mutex;
    pthread_cond_t idle;
    size_t under_way; /* requests; guarded by the mutex */
};

struct exchange {
    struct request request;
    struct listener *listener;
    struct MHD_Connection *connection;
    bool handled;
};

/* Heads */

static enum method method_of(const char *name)
{
    static const char *const names[] = {
        [METHOD_GET] = MHD_HTTP_METHOD_GET,
        [METHOD_HEAD] = MHD_HTTP_METHOD_HEAD,
        [METHOD_POST] = MHD_HTTP_METHOD_POST,
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return (enum method)i;
    return METHOD_OTHER;
}

static enum MHD_Result take_parameter(void *context, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    struct request *request = context;
    (void)kind;
    if (request->parameter_count < REQUEST_PARAMETERS_MAX)
        request->parameters[request->parameter_count] = (struct request_parameter){name, value};
    request->parameter_count++;
    return MHD_YES;
}

static const char *head_value(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* The library has checked that Content-Length is a number. */
static void take_length(struct request *request, struct MHD_Connection *connection)
{
    const char *length = head_value(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    request->has_chunks = head_value(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
    request->has_length = length && !request->has_chunks;
    request->length = request->has_length ? strtoull(length, NULL, 10) : 0;
}

static void resume(struct request *request)
{
    MHD_resume_connection(INDEX_OWNER(request, struct exchange, request)->connection);
}

static struct exchange *exchange_new(struct listener *listener, struct MHD_Connection *connection,
                                     const char *path, const char *method)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    exchange->listener = listener;
    exchange->connection = connection;
    struct request *request = &exchange->request;
    request->api = listener->api;
    request->resume = resume;
    request->method = method_of(method);
    request->path = path;
    request->authorization = head_value(connection, MHD_HTTP_HEADER_AUTHORIZATION);
    request->content_type = head_value(connection, MHD_HTTP_HEADER_CONTENT_TYPE);
    request->if_none_match = head_value(connection, MHD_HTTP_HEADER_IF_NONE_MATCH);
    request->host = head_value(connection, MHD_HTTP_HEADER_HOST);
    request->forwarded_proto = head_value(connection, "X-Forwarded-Proto");
    take_length(request, connection);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_parameter, request);
    pthread_mutex_lock(&listener->mutex);
    listener->under_way++;
    pthread_mutex_unlock(&listener->mutex);
    return exchange;
}

/* Called for each request that has come to on_request, however it ends. */
static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct listener *listener = context;
    struct exchange *exchange = *state;
    (void)connection;
    (void)code;
    if (!exchange)
        return;
    router_count(&exchange->request);
    request_clear(&exchange->request);
    free(exchange);
    *state = NULL;
    pthread_mutex_lock(&listener->mutex);
    if (--listener->under_way == 0)
        pthread_cond_broadcast(&listener->idle);
    pthread_mutex_unlock(&listener->mutex);
}

/* Answers */

static void add_headers(struct MHD_Response *response, const struct exchange *exchange)
{
    const struct reply *reply = &exchange->request.reply;
    bool cacheable = false;
    for (size_t i = 0; i < reply->header_count; i++) {
        const struct reply_header *header = &reply->headers[i];
        cacheable |= strcmp(header->name, MHD_HTTP_HEADER_CACHE_CONTROL) == 0;
        MHD_add_response_header(response, header->name, header->value);
    }
    if (!cacheable)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (reply->content_type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    if (atomic_load(&exchange->listener->quiet))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result send_reply(struct exchange *exchange)
{
    struct reply *reply = &exchange->request.reply;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->body.bytes, reply->body.data, MHD_RESPMEM_MUST_FREE);
    if (!response)
        return MHD_NO;
    reply->body = (struct blob){0};
    add_headers(response, exchange);
    enum MHD_Result result = MHD_queue_response(exchange->connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result handle(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    if (exchange->handled) {
        router_finish(request);
        return send_reply(exchange);
    }
    exchange->handled = true;
    if (router_handle(request) == NEXT_REPLY)
        return send_reply(exchange);
    MHD_suspend_connection(exchange->connection);
    router_begin(request);
    return MHD_YES;
}

static enum MHD_Result on_head(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    router_check(request);
    bool unread = request->has_chunks || request->length > DROPPED_BODY_MAX;
    return request->reply.status && unread ? send_reply(exchange) : MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *bytes, void **state)
{
    struct exchange *exchange = *state;
    (void)version;
    if (!exchange) {
        exchange = exchange_new(context, connection, path, method);
        *state = exchange;
        return exchange ? on_head(exchange) : MHD_NO;
    }
    if (*bytes > 0) {
        int err = request_body(&exchange->request, data, *bytes);
        *bytes = 0;
        return err ? MHD_NO : MHD_YES;
    }
    return handle(exchange);
}

/* Nothing this server is asked needs escapes in a path or query; what has them matches nothing. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* Opening and closing */

static struct MHD_Daemon *start_daemon(struct listener *listener,
                                       const struct listener_settings *settings)
{
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)settings->connections_max, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)settings->connection_bytes, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)settings->idle_s_max, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)settings->threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    if (settings->threads < 2) /* the library takes no pool of one */
        options[4].option = MHD_OPTION_END;
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                                MHD_USE_NO_LISTEN_SOCKET,
                            0, NULL, NULL, on_request, listener, MHD_OPTION_NOTIFY_COMPLETED,
                            on_completed, listener, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes,
                            NULL, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

int listener_new(struct listener **made, const struct api *api,
                 const struct listener_settings *settings)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return -ENOMEM;
    listener->api = api;
    pthread_condattr_t condition;
    pthread_condattr_init(&condition);
    pthread_condattr_setclock(&condition, CLOCK_MONOTONIC);
    pthread_cond_init(&listener->idle, &condition);
    pthread_condattr_destroy(&condition);
    pthread_mutex_init(&listener->mutex, NULL);
    listener->daemon = start_daemon(listener, settings);
    if (!listener->daemon) {
        listener_close(listener);
        return -EAGAIN;
    }
    *made = listener;
    return 0;
}

int listener_add(struct listener *listener, const char *text, char address[static ADDRESS_BYTES])
{
    if (listener->socket_count == ACCEPTOR_SOCKETS_MAX)
        return -ENOSPC;
    int err = socket_listen(text, &listener->sockets[listener->socket_count], address);
    if (!err)
        listener->socket_count++;
    return err;
}

/* The library closes what it does not take. */
static void take_connection(void *context, int connection, const struct sockaddr *peer,
                            socklen_t bytes)
{
    struct listener *listener = context;
    (void)MHD_add_connection(listener->daemon, connection, peer, bytes);
}

int listener_start(struct listener *listener)
{
    int err = acceptor_start(&listener->acceptor, listener->sockets, listener->socket_count,
                             take_connection, listener);
    listener->socket_count = 0;
    listener->accepting = !err;
    return err;
}

void listener_quiesce(struct listener *listener)
{
    atomic_store(&listener->quiet, true);
    if (listener->accepting)
        acceptor_stop(&listener->acceptor);
    listener->accepting = false;
}

int listener_drain(struct listener *listener, int64_t timeout_ms)
{
    struct timespec until = clock_deadline(timeout_ms);
    int code = 0;
    pthread_mutex_lock(&listener->mutex);
    while (listener->under_way > 0 && code == 0)
        code = pthread_cond_timedwait(&listener->idle, &listener->mutex, &until);
    int err = listener->under_way > 0 ? -EAGAIN : 0;
    pthread_mutex_unlock(&listener->mutex);
    return err;
}

void listener_close(struct listener *listener)
{
    if (!listener)
        return;
    listener_quiesce(listener);
    for (size_t i = 0; i < listener->socket_count; i++)
        close(listener->sockets[i]);
    if (listener->daemon)
        MHD_stop_daemon(listener->daemon);
    pthread_cond_destroy(&listener->idle);
    pthread_mutex_destroy(&listener->mutex);
    free(listener);
}
