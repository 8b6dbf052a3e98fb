#include "http/listener.h"

#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/owner_of.h"
#include "daemon/acceptor.h"
#include "daemon/sweeper.h"
#include "http/exchange.h"

/* DESIGN: each serving thread is a daemon of the library's of its own, so that connections are
 * dealt out here, and each thread can be asked whether it still answers. */

enum { CLIENT_ANSWERS_PART = 8 }; /* of all answers being sent, that of one client address */

struct listener {
    struct exchanges exchanges;
    struct MHD_Daemon **daemons; /* one for each thread */
    unsigned daemon_count;
    atomic_uint next; /* whose turn it is to get a connection */
    mode_t socket_mode;
    struct acceptor acceptor;
    struct sweeper sweeper;
    bool sweeping;
    bool watching; /* for hang-ups */
    pthread_mutex_t mutex;
    pthread_cond_t idle; /* no request is under way */
};

/* Nothing this server is asked needs escapes in a path or query; what has them matches nothing. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* Keep the library from taking a query of very many parameters apart: it would run out of the
 * connection's memory and then neither answer nor close. It shows the request target before that,
 * in its own buffer, so what separates the parameters beyond those that are looked at is changed
 * there; they count as one, which is one too many. */
static void *join_parameters(void *context, const char *target, struct MHD_Connection *connection)
{
    char *at = strchr(target, '?');
    (void)context;
    (void)connection;
    for (size_t count = 0; at && (at = strchr(at + 1, '&'));)
        if (++count > REQUEST_PARAMETERS_MAX)
            *at = ';';
    return NULL;
}

/* The last request of a listener that is to stop has ended. */
static void on_idle(struct exchanges *exchanges)
{
    struct listener *listener = OWNER_OF(exchanges, struct listener, exchanges);
    pthread_mutex_lock(&listener->mutex);
    pthread_cond_broadcast(&listener->idle);
    pthread_mutex_unlock(&listener->mutex);
}

/* Opening */

/* The library's own limit must not be met: it closes without a word. */
static struct MHD_Daemon *start_daemon(struct exchanges *exchanges,
                                       const struct listener_settings *settings)
{
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_CONNECTION_LIMIT, INT32_MAX, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)settings->connection_bytes, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)settings->idle_s_max, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                                MHD_USE_NO_LISTEN_SOCKET,
                            0, NULL, NULL, exchange_request, exchanges, MHD_OPTION_NOTIFY_COMPLETED,
                            exchange_completed, exchanges, MHD_OPTION_NOTIFY_CONNECTION,
                            exchange_connection, exchanges, MHD_OPTION_UNESCAPE_CALLBACK,
                            keep_escapes, NULL, MHD_OPTION_URI_LOG_CALLBACK, join_parameters, NULL,
                            MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

static int start_daemons(struct listener *listener, const struct listener_settings *settings)
{
    listener->daemons = calloc(settings->threads, sizeof(struct MHD_Daemon *));
    if (!listener->daemons)
        return -ENOMEM;
    for (unsigned i = 0; i < settings->threads; i++) {
        listener->daemons[i] = start_daemon(&listener->exchanges, settings);
        if (!listener->daemons[i])
            return -EAGAIN;
        listener->daemon_count++;
    }
    return 0;
}

static void init_idle(struct listener *listener)
{
    clock_condition_init(&listener->idle);
    pthread_mutex_init(&listener->mutex, NULL);
}

int64_t listener_sweep(struct listener *listener)
{
    struct exchanges *exchanges = &listener->exchanges;
    rates_sweep(&exchanges->rates, clock_monotonic_ms(exchanges->clock));
    return connections_sweep(&exchanges->connections);
}

static int64_t sweep(void *context)
{
    return listener_sweep(context);
}

static int start_sweeper(struct listener *listener)
{
    int err = sweeper_start(&listener->sweeper, listener->exchanges.clock, sweep, listener);
    listener->sweeping = !err;
    return err;
}

static int start_watching(struct listener *listener)
{
    int err = hangups_start(&listener->exchanges.hangups, exchange_hung_up);
    listener->watching = !err;
    return err;
}

/* There are no more answers that hold room than connections, nor than have room. */
static int init_client_answers(struct exchanges *exchanges,
                               const struct listener_settings *settings,
                               const struct random_source *random)
{
    const struct answers *answers = exchanges->api->answers;
    size_t limit = answers ? answers->all.limit : 0, total = limit / ANSWER_SMALL_MAX;
    if (total > settings->connections_max + CONNECTIONS_ENDING_MAX)
        total = settings->connections_max + CONNECTIONS_ENDING_MAX;
    return client_counts_init(&exchanges->client_answers, limit / CLIENT_ANSWERS_PART, total,
                              random);
}

/* What is counted of each client. */
static int init_counts(struct exchanges *exchanges, const struct listener_settings *settings,
                       const struct random_source *random)
{
    int err = rates_init(&exchanges->rates, &settings->rates, random);
    if (!err)
        err = client_counts_init(&exchanges->client_connections, settings->client_connections_max,
                                 settings->connections_max + CONNECTIONS_ENDING_MAX, random);
    if (!err)
        err = client_counts_init(&exchanges->client_waits, settings->client_waits_max,
                                 settings->waits_max, random);
    if (!err)
        err = init_client_answers(exchanges, settings, random);
    return err;
}

int listener_new(struct listener **made, const struct api *api,
                 const struct listener_settings *settings, const struct clock_source *clock,
                 const struct random_source *random)
{
    const struct connections_settings connections = {
        .limit = settings->connections_max,
        .send_ms_max = settings->request_ms_max,
        .read_ms_max = settings->answer_ms_max,
        .clock = clock,
        .metrics = api->metrics,
    };
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener || connections_init(&listener->exchanges.connections, &connections)) {
        free(listener);
        return -ENOMEM;
    }
    init_idle(listener);
    listener->exchanges.api = api;
    listener->exchanges.idle = on_idle;
    listener->exchanges.clock = clock;
    listener->exchanges.proxies = settings->proxies;
    listener->socket_mode = settings->socket_mode;
    int err = init_counts(&listener->exchanges, settings, random);
    if (!err)
        err = start_watching(listener);
    if (!err)
        err = start_sweeper(listener);
    if (!err)
        err = start_daemons(listener, settings);
    if (err)
        listener_close(listener);
    else
        *made = listener;
    return err;
}

int listener_add(struct listener *listener, const char *text, char address[static ADDRESS_BYTES])
{
    return acceptor_listen(&listener->acceptor, text, listener->socket_mode, address);
}

int listener_adopt(struct listener *listener, int socket, char address[static ADDRESS_BYTES])
{
    return acceptor_adopt(&listener->acceptor, socket, address);
}

/* Serving */

/* The library closes what it does not take. What it takes and then has no memory for it closes
 * without a word to us; that place is lost until the server starts anew. */
static void give(struct listener *listener, unsigned thread, int connection,
                 const struct sockaddr *peer, socklen_t bytes)
{
    if (MHD_add_connection(listener->daemons[thread], connection, peer, bytes) != MHD_YES)
        exchanges_release(&listener->exchanges, peer, false);
}

static unsigned next_thread(struct listener *listener)
{
    return atomic_fetch_add(&listener->next, 1) % listener->daemon_count;
}

static void take_connection(void *context, int connection, const struct sockaddr *peer,
                            socklen_t bytes)
{
    struct listener *listener = context;
    if (exchanges_reserve(&listener->exchanges, peer, false)) {
        connections_refuse(&listener->exchanges.connections, connection);
        return;
    }
    socket_bound_sending(connection, SOCKET_BUFFER_BYTES);
    give(listener, next_thread(listener), connection, peer, bytes);
}

/* Tunnels */

int listener_reserve_tunnel(struct listener *listener, const struct sockaddr *peer)
{
    int err = exchanges_reserve(&listener->exchanges, peer, true);
    if (err)
        metrics_refusal(listener->exchanges.api->metrics, PROBLEM_TOO_MANY_CONNECTIONS);
    return err;
}

void listener_release_tunnel(struct listener *listener, const struct sockaddr *peer)
{
    exchanges_release(&listener->exchanges, peer, true);
}

int listener_serve_tunnel(struct listener *listener, int socket, const struct sockaddr *peer,
                          socklen_t bytes)
{
    struct MHD_Daemon *daemon = listener->daemons[next_thread(listener)];
    return MHD_add_connection(daemon, socket, peer, bytes) == MHD_YES ? 0 : -EAGAIN;
}

int listener_start(struct listener *listener)
{
    return acceptor_start(&listener->acceptor, take_connection, listener);
}

/* Ask one thread for something small, over a connection of our own, which takes a place whether
 * there is one or not. */
static bool answers(struct listener *listener, unsigned thread, int timeout_ms)
{
    static const char request[] =
        "HEAD /v1/server HTTP/1.1\r\nHost: self\r\nConnection: close\r\n\r\n";
    static const char status[] = "HTTP/1.1 200 ";
    const struct sockaddr peer = {.sa_family = AF_UNIX};
    char got[sizeof status - 1];
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return false;
    connections_reserve_anyway(&listener->exchanges.connections);
    give(listener, thread, ends[1], &peer, sizeof peer);
    bool fine =
        send(ends[0], request, sizeof request - 1, MSG_NOSIGNAL) == (ssize_t)sizeof request - 1 &&
        poll(&(struct pollfd){ends[0], POLLIN, 0}, 1, timeout_ms) == 1 &&
        recv(ends[0], got, sizeof got, MSG_WAITALL) == (ssize_t)sizeof got &&
        memcmp(got, status, sizeof got) == 0;
    close(ends[0]);
    return fine;
}

int listener_answers(struct listener *listener, int timeout_ms)
{
    bool all = true;
    for (unsigned i = 0; all && i < listener->daemon_count; i++)
        all = answers(listener, i, timeout_ms);
    return all ? 0 : -EAGAIN;
}

/* Stopping */

void listener_quiesce(struct listener *listener)
{
    atomic_store(&listener->exchanges.quiet, true);
    acceptor_stop(&listener->acceptor);
}

int listener_drain(struct listener *listener, int64_t timeout_ms)
{
    struct timespec until = clock_deadline(timeout_ms);
    int code = 0;
    pthread_mutex_lock(&listener->mutex);
    while (atomic_load(&listener->exchanges.under_way) > 0 && code == 0)
        code = pthread_cond_timedwait(&listener->idle, &listener->mutex, &until);
    int err = atomic_load(&listener->exchanges.under_way) > 0 ? -EAGAIN : 0;
    pthread_mutex_unlock(&listener->mutex);
    return err;
}

void listener_close(struct listener *listener)
{
    if (!listener)
        return;
    listener_quiesce(listener);
    for (unsigned i = 0; i < listener->daemon_count; i++)
        MHD_stop_daemon(listener->daemons[i]);
    free(listener->daemons);
    if (listener->watching)
        hangups_stop(&listener->exchanges.hangups);
    if (listener->sweeping)
        sweeper_stop(&listener->sweeper);
    connections_free(&listener->exchanges.connections);
    rates_free(&listener->exchanges.rates);
    client_counts_free(&listener->exchanges.client_connections);
    client_counts_free(&listener->exchanges.client_waits);
    client_counts_free(&listener->exchanges.client_answers);
    pthread_cond_destroy(&listener->idle);
    pthread_mutex_destroy(&listener->mutex);
    free(listener);
}
