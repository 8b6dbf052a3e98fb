#include "http/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "api/origin.h"
#include "api/router.h"
#include "base/log.h"
#include "base/owner_of.h"
#include "daemon/forwarded.h"

enum { DROPPED_BODY_MAX = 65536 };

struct exchange {
    struct exchanges *exchanges;
    struct MHD_Connection *library;
    struct connection connection;
    bool tunneled; /* its socket is the inner end of a tunnel */
    struct peer_address peer;
    struct request request;
    bool has_client;              /* whose requests are limited … */
    struct client_address client; /* … which then is this one */
    bool handled;
    bool waits_counted;  /* among the client's requests that wait */
    bool answer_counted; /* among the bytes that the client is being sent */
    bool watched;        /* for a hang-up */
};

/* Connections */

/* Who may speak for the clients of a connection: nobody through a tunnel, whose own client is the
 * one at the other end. */
static const struct proxies *proxies_of(const struct exchanges *exchanges, bool tunneled)
{
    static const struct proxies nobody;
    return tunneled ? &nobody : &exchanges->proxies;
}

/* The client of a connection, if it is one whose connections are counted: nobody that a proxy
 * speaks for, and not this machine. */
static bool counted_client(const struct exchanges *exchanges, const struct sockaddr *address,
                           bool tunneled, struct client_address *client)
{
    static const struct forwarded_lines none;
    const struct proxies *proxies = proxies_of(exchanges, tunneled);
    struct peer_address peer = peer_address_of(proxies, address);
    return peer.kind == PEER_CLIENT && client_of(proxies, &peer, &none, &none, client);
}

int exchanges_reserve(struct exchanges *exchanges, const struct sockaddr *peer, bool tunneled)
{
    struct client_address client;
    bool counted = counted_client(exchanges, peer, tunneled, &client);
    if (counted && client_counts_take(&exchanges->client_connections, &client, 1))
        return -EDQUOT;
    int err = connections_reserve(&exchanges->connections);
    if (err && counted)
        client_counts_give(&exchanges->client_connections, &client, 1);
    return err;
}

void exchanges_release(struct exchanges *exchanges, const struct sockaddr *peer, bool tunneled)
{
    struct client_address client;
    if (counted_client(exchanges, peer, tunneled, &client))
        client_counts_give(&exchanges->client_connections, &client, 1);
    connections_release(&exchanges->connections);
}

static const struct sockaddr *address_of(struct MHD_Connection *library)
{
    return MHD_get_connection_info(library, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
}

/* A unix socket whose peer has an internet address is a tunnel's: the address is that of the client
 * at the other end. */
static bool is_tunneled(struct MHD_Connection *library)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(library, MHD_CONNECTION_INFO_CONNECTION_FD);
    int domain = AF_UNSPEC;
    socklen_t bytes = sizeof domain;
    if (address_of(library)->sa_family == AF_UNIX)
        return false;
    INVARIANT(getsockopt(info->connect_fd, SOL_SOCKET, SO_DOMAIN, &domain, &bytes) == 0);
    return domain == AF_UNIX;
}

void exchange_hung_up(void *exchange)
{
    router_abandon(&((struct exchange *)exchange)->request);
}

/* Whose connections are one's: those of an address, of version 6 of a network of 48 bits, or of all
 * who come by a unix socket. */
static uint64_t holder_of(const struct exchanges *exchanges, const struct peer_address *peer)
{
    struct client_address network = peer->address;
    if (peer->kind == PEER_CLIENT)
        (void)client_address_widen(&network);
    return rates_client_hash(&exchanges->rates, &network);
}

static void begin_connection(struct exchanges *exchanges, struct MHD_Connection *library,
                             void **socket_context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(library, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct exchange *exchange = calloc(1, sizeof *exchange);
    *socket_context = exchange;
    if (!exchange) {
        (void)shutdown(info->connect_fd, SHUT_RDWR);
        return;
    }
    exchange->exchanges = exchanges;
    exchange->library = library;
    exchange->tunneled = is_tunneled(library);
    exchange->peer =
        peer_address_of(proxies_of(exchanges, exchange->tunneled), address_of(library));
    connections_add(&exchanges->connections, &exchange->connection, info->connect_fd,
                    holder_of(exchanges, &exchange->peer));
}

void exchange_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                         enum MHD_ConnectionNotificationCode code)
{
    struct exchanges *exchanges = context;
    struct exchange *exchange = *socket_context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        begin_connection(exchanges, connection, socket_context);
        return;
    }
    if (exchange)
        connections_remove(&exchanges->connections, &exchange->connection);
    /* The place of a tunnel is its maker's, who knows when all of it has ended. */
    if (exchange ? !exchange->tunneled : !is_tunneled(connection))
        exchanges_release(exchanges, address_of(connection), false);
    free(exchange);
    *socket_context = NULL;
}

/* Heads */

static enum method method_of(const char *name)
{
    static const char *const names[] = {
        [METHOD_GET] = MHD_HTTP_METHOD_GET,         [METHOD_HEAD] = MHD_HTTP_METHOD_HEAD,
        [METHOD_POST] = MHD_HTTP_METHOD_POST,       [METHOD_DELETE] = MHD_HTTP_METHOD_DELETE,
        [METHOD_OPTIONS] = MHD_HTTP_METHOD_OPTIONS,
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

/* What says for which page a browser posts, and where to. */
static const char *const site_headers[] = {MHD_HTTP_HEADER_HOST, "Origin", "Sec-Fetch-Site",
                                           MHD_HTTP_HEADER_REFERER};

enum { SITE_HEADERS = sizeof site_headers / sizeof *site_headers };

struct repetitions {
    struct request *request;
    bool has_type, has_site[SITE_HEADERS]; /* came already */
};

/* The library gives the first of several headers of a name. It has checked that the first
 * Content-Length is a number. Where another one differs, a proxy may have taken that for the body's
 * end (RFC 9112, section 6.3). */
static enum MHD_Result note_repetition(void *context, enum MHD_ValueKind kind, const char *name,
                                       const char *value)
{
    struct repetitions *seen = context;
    struct request *request = seen->request;
    (void)kind;
    if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        request->has_lengths |=
            request->has_length && strtoull(value ? value : "", NULL, 10) != request->length;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_TYPE) == 0) {
        request->has_types |= seen->has_type;
        seen->has_type = true;
    }
    for (size_t i = 0; i < SITE_HEADERS; i++) {
        if (strcasecmp(name, site_headers[i]) != 0)
            continue;
        request->has_sites |= seen->has_site[i];
        seen->has_site[i] = true;
    }
    return MHD_YES;
}

static void take_length(struct request *request, struct MHD_Connection *connection)
{
    const char *length = head_value(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    request->has_chunks = head_value(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
    request->has_length = length && !request->has_chunks;
    request->length = request->has_length ? strtoull(length, NULL, 10) : 0;
}

static void resume(struct request *request)
{
    MHD_resume_connection(OWNER_OF(request, struct exchange, request)->library);
}

static void begin_request(struct exchange *exchange, const char *path, const char *method)
{
    struct MHD_Connection *connection = exchange->library;
    struct request *request = &exchange->request;
    exchange->handled = false;
    *request = (struct request){
        .api = exchange->exchanges->api,
        .resume = resume,
        .method = method_of(method),
        .path = path,
        .authorization = head_value(connection, MHD_HTTP_HEADER_AUTHORIZATION),
        .content_type = head_value(connection, MHD_HTTP_HEADER_CONTENT_TYPE),
        .if_none_match = head_value(connection, MHD_HTTP_HEADER_IF_NONE_MATCH),
        .host = head_value(connection, MHD_HTTP_HEADER_HOST),
        .forwarded_proto = exchange->tunneled ? NULL : head_value(connection, "X-Forwarded-Proto"),
        .origin = head_value(connection, "Origin"),
        .fetch_site = head_value(connection, "Sec-Fetch-Site"),
        .referer = head_value(connection, MHD_HTTP_HEADER_REFERER),
        .stamp = head_value(connection, "Reunion-Stamp"),
        .asks_sharing = head_value(connection, "Access-Control-Request-Method") != NULL,
    };
    take_length(request, connection);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, note_repetition,
                              &(struct repetitions){.request = request});
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_parameter, request);
    atomic_fetch_add(&exchange->exchanges->under_way, 1);
}

/* A request that was resumed goes on; or it ends there, if the library finds its client gone. */
static void end_wait(struct exchange *exchange)
{
    if (exchange->watched)
        hangups_forget(&exchange->exchanges->hangups, exchange->connection.socket);
    exchange->watched = false;
    if (exchange->waits_counted)
        client_counts_give(&exchange->exchanges->client_waits, &exchange->client, 1);
    exchange->waits_counted = false;
}

/* Room for the answer, of all there is and of its client's share.
 * Returns: 0, -ENOSPC (others hold too much), -EDQUOT (its client does). */
static int take_room(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    const struct route *route = request->route;
    bool reference = route && route->class == ROUTE_REFERENCE;
    if (request_take_reply_room(request, reference ? ANSWER_REFERENCE : ANSWER_V1))
        return -ENOSPC;
    if (request->reply_room == 0 || !exchange->has_client)
        return 0;
    exchange->answer_counted = !client_counts_take(&exchange->exchanges->client_answers,
                                                   &exchange->client, request->reply_room);
    if (exchange->answer_counted)
        return 0;
    request_give_reply_room(request);
    return -EDQUOT;
}

static void give_room(struct exchange *exchange)
{
    if (exchange->answer_counted)
        client_counts_give(&exchange->exchanges->client_answers, &exchange->client,
                           exchange->request.reply_room);
    exchange->answer_counted = false;
}

void exchange_completed(void *context, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode code)
{
    struct exchanges *exchanges = context;
    struct exchange *exchange = *state;
    (void)connection;
    (void)code;
    if (!exchange)
        return;
    end_wait(exchange);
    give_room(exchange);
    router_count(&exchange->request);
    request_clear(&exchange->request);
    *state = NULL;
    /* One that is overdue is being closed already. */
    int err = connection_turn(&exchanges->connections, &exchange->connection, TURN_SEND);
    (void)err;
    if (atomic_fetch_sub(&exchanges->under_way, 1) == 1 && atomic_load(&exchanges->quiet))
        exchanges->idle(exchanges);
}

/* Rates */

struct forwarded_headers {
    struct forwarded_lines x, standard;
};

static enum MHD_Result take_forwarded(void *context, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    struct forwarded_headers *headers = context;
    (void)kind;
    struct forwarded_lines *lines = strcasecmp(name, "X-Forwarded-For") == 0 ? &headers->x
                                    : strcasecmp(name, "Forwarded") == 0     ? &headers->standard
                                                                             : NULL;
    if (!lines)
        return MHD_YES;
    if (lines->count < FORWARDED_LINES_MAX)
        lines->lines[lines->count] = value ? value : "";
    lines->count++;
    return MHD_YES;
}

/* A proxy on this machine that is not listed makes all its clients one that is not limited: that is
 * safe for them, but not what its operator means. */
static void notice_proxy(struct exchange *exchange)
{
    struct exchanges *exchanges = exchange->exchanges;
    if (atomic_load(&exchanges->proxy_noticed) ||
        (!head_value(exchange->library, "X-Forwarded-For") &&
         !head_value(exchange->library, "Forwarded")) ||
        atomic_exchange(&exchanges->proxy_noticed, true))
        return;
    log_line(LOG_WARNING, "a proxy on this machine is not listed, so no client is limited",
             "advice=\"name the loopback address with --trusted-proxy\"");
}

/* Whom the request counts for. */
static void find_client(struct exchange *exchange)
{
    struct exchanges *exchanges = exchange->exchanges;
    struct forwarded_headers headers = {{.count = 0}, {.count = 0}};
    exchange->has_client = false;
    if (exchange->peer.kind == PEER_LOCAL && !exchange->tunneled)
        notice_proxy(exchange);
    else if (exchange->peer.kind == PEER_PROXY || exchange->peer.kind == PEER_SOCKET)
        MHD_get_connection_values(exchange->library, MHD_HEADER_KIND, take_forwarded, &headers);
    exchange->has_client = client_of(proxies_of(exchanges, exchange->tunneled), &exchange->peer,
                                     &headers.x, &headers.standard, &exchange->client);
    if (exchange->has_client)
        exchange->request.client = rates_client_hash(&exchanges->rates, &exchange->client);
}

static enum rate_kind kind_of(const struct request *request)
{
    const struct route *route = request->route;
    if (!route)
        return RATE_OTHER;
    if (route->body == BODY_T1 || (route->body == BODY_REFERENCE && route->kind == RECORD_T1))
        return RATE_T1;
    if (route->of_mailboxes && request->method == METHOD_POST)
        return route->body == BODY_DELIVERY ? RATE_DELIVERY : RATE_MAILBOX;
    return route->body == BODY_LINK ? RATE_LINK : RATE_OTHER;
}

/* Whether it asks for the reference's T2s or T3s, which is the most work that a request can be. */
static bool is_long_list(const struct request *request)
{
    const struct route *route = request->route;
    return route && route->class == ROUTE_REFERENCE && route->body == BODY_NONE &&
           route->kind != RECORD_T1;
}

/* Returns: 0, -EAGAIN (in `*retry_s` seconds). */
static int take_rate(struct exchange *exchange, enum rate_kind kind, uint64_t tokens,
                     uint32_t *retry_s)
{
    struct exchanges *exchanges = exchange->exchanges;
    return rates_take(&exchanges->rates, kind,
                      tokens < 1            ? 1
                      : tokens > UINT16_MAX ? UINT16_MAX
                                            : (uint32_t)tokens,
                      exchange->has_client ? &exchange->client : NULL,
                      clock_monotonic_ms(exchanges->clock), retry_s);
}

static void check_rate(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    enum rate_kind kind = kind_of(request);
    uint32_t retry_s;
    int err = is_long_list(request) ? take_rate(exchange, RATE_LIST, 1, &retry_s) : 0;
    if (!err)
        err = take_rate(exchange, kind, kind == RATE_T1 ? request->length / RECORD_T1_BYTES : 1,
                        &retry_s);
    if (!err)
        return;
    reply_free(&request->reply);
    request->reply = (struct reply){0};
    reply_problem_until(&request->reply, PROBLEM_TOO_MANY_REQUESTS, retry_s);
}

/* Answers */

/* A page of a listed origin may read the answer, and the headers that the API has (W3C Fetch). */
static void add_sharing(struct MHD_Response *response, const struct request *request)
{
    const char *origin = request_listed_origin(request);
    if (request->api->page_origin_count > 0)
        MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, "Origin");
    if (!origin)
        return;
    MHD_add_response_header(response, "Access-Control-Allow-Origin", origin);
    MHD_add_response_header(response, "Access-Control-Expose-Headers",
                            "Date, ETag, Retry-After, Reunion-Bucket, Reunion-Bucket-Id, "
                            "Reunion-Cursor, Reunion-More");
}

static void add_headers(struct MHD_Response *response, const struct exchange *exchange)
{
    const struct reply *reply = &exchange->request.reply;
    bool cacheable = false;
    for (size_t i = 0; i < reply->header_count; i++) {
        const struct reply_header *header = &reply->headers[i];
        cacheable |= strcmp(header->name, MHD_HTTP_HEADER_CACHE_CONTROL) == 0;
        MHD_add_response_header(response, header->name, header->value);
    }
    for (size_t i = 0; i < reply->constant_count; i++) {
        const struct reply_constant *header = &reply->constants[i];
        cacheable |= strcmp(header->name, MHD_HTTP_HEADER_CACHE_CONTROL) == 0;
        MHD_add_response_header(response, header->name, header->value);
    }
    add_sharing(response, &exchange->request);
    if (!cacheable)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (reply->content_type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    if (reply->close || atomic_load(&exchange->exchanges->quiet))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result send_reply(struct exchange *exchange)
{
    struct reply *reply = &exchange->request.reply;
    if (take_room(exchange)) {
        reply->header_count = 0;
        reply_problem(reply, PROBLEM_TOO_MANY_ANSWERS);
    }
    if (connection_turn(&exchange->exchanges->connections, &exchange->connection, TURN_READ))
        return MHD_NO;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->body.bytes, reply->body.data, MHD_RESPMEM_MUST_FREE);
    if (!response)
        return MHD_NO;
    reply->body = (struct blob){0};
    add_headers(response, exchange);
    enum MHD_Result result = MHD_queue_response(exchange->library, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

/* Waiting */

/* Count a wait for its client. Returns: whether it may wait; if not, the reply is complete. */
static bool may_wait(struct exchange *exchange)
{
    if (!router_waits_long(&exchange->request) || !exchange->has_client)
        return true;
    if (client_counts_take(&exchange->exchanges->client_waits, &exchange->client, 1)) {
        reply_problem(&exchange->request.reply, PROBLEM_TOO_MANY_WAITING);
        return false;
    }
    exchange->waits_counted = true;
    return true;
}

/* The request may be resumed by another thread before this returns; then this thread, which is the
 * connection's, goes on with it afterwards. Where there is no memory to notice a hang-up it is
 * noticed at the wait's end. */
static void wait_for_resume(struct exchange *exchange)
{
    MHD_suspend_connection(exchange->library);
    router_begin(&exchange->request);
    if (router_waits_long(&exchange->request))
        exchange->watched =
            !hangups_watch(&exchange->exchanges->hangups, exchange->connection.socket, exchange);
}

static enum MHD_Result handle(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    if (exchange->handled) {
        end_wait(exchange);
        router_finish(request);
        return send_reply(exchange);
    }
    exchange->handled = true;
    if (connection_turn(&exchange->exchanges->connections, &exchange->connection, TURN_SERVER))
        return MHD_NO;
    if (router_handle(request) == NEXT_REPLY || !may_wait(exchange))
        return send_reply(exchange);
    wait_for_resume(exchange);
    return MHD_YES;
}

static enum MHD_Result on_head(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    find_client(exchange);
    router_check(request);
    check_rate(exchange);
    bool unread = request->has_chunks || request->has_lengths || request->length > DROPPED_BODY_MAX;
    return request->reply.status && unread ? send_reply(exchange) : MHD_YES;
}

enum MHD_Result exchange_request(void *context, struct MHD_Connection *connection, const char *path,
                                 const char *method, const char *version, const char *data,
                                 size_t *bytes, void **state)
{
    struct exchange *exchange = *state;
    (void)context;
    (void)version;
    if (!exchange) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        exchange = *state = info->socket_context;
        if (!exchange)
            return MHD_NO;
        begin_request(exchange, path, method);
        return on_head(exchange);
    }
    if (*bytes > 0) {
        request_body(&exchange->request, data, *bytes);
        *bytes = 0;
        return MHD_YES;
    }
    return handle(exchange);
}
