#include "http/connections.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The word of a connection is the time by which its client must be done, in milliseconds of the
 * monotonic clock, times two, with the lowest bit set if it is an answer that is to be read; or one
 * of these. */
static const int64_t due_never = INT64_MAX;
static const int64_t due_over = INT64_MIN;

enum { LINGER_MS = 2000, DRAINED_BYTES_MAX = 65536 };

static int64_t word_of(int64_t until_ms, bool reading)
{
    return until_ms * 2 + reading;
}

static int64_t now_ms(const struct connections *connections)
{
    return clock_monotonic_ms(connections->settings.clock);
}

int connections_init(struct connections *connections, const struct connections_settings *settings)
{
    *connections = (struct connections){.settings = *settings};
    if (canned_make(&connections->timeout, PROBLEM_REQUEST_TIMEOUT) ||
        canned_make(&connections->refusal, PROBLEM_TOO_MANY_CONNECTIONS))
        return -ENOMEM;
    LIST_INIT(&connections->open);
    pthread_mutex_init(&connections->mutex, NULL);
    return 0;
}

int connections_reserve(struct connections *connections)
{
    size_t taken = atomic_load(&connections->taken);
    do {
        if (taken >= connections->settings.limit)
            return -ENOSPC;
    } while (!atomic_compare_exchange_weak(&connections->taken, &taken, taken + 1));
    return 0;
}

void connections_reserve_anyway(struct connections *connections)
{
    atomic_fetch_add(&connections->taken, 1);
}

void connections_release(struct connections *connections)
{
    atomic_fetch_sub(&connections->taken, 1);
}

/* A client that cannot take so few bytes at once goes without. */
static void send_canned(int socket, const struct canned *canned)
{
    (void)send(socket, canned->text, canned->bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Lingering */

/* What is left unread would be answered by a reset, which may overtake the answer. */
static void drain_and_close(int socket)
{
    uint8_t dropped[4096];
    ssize_t got = 1;
    for (size_t sum = 0; got > 0 && sum < DRAINED_BYTES_MAX; sum += (size_t)got)
        got = recv(socket, dropped, sizeof dropped, MSG_DONTWAIT);
    close(socket);
}

static void end_lingering(struct connections *connections, size_t count)
{
    for (size_t i = 0; i < count; i++)
        drain_and_close(connections->lingering[i].socket);
    connections->lingering_count -= count;
    memmove(connections->lingering, connections->lingering + count,
            connections->lingering_count * sizeof connections->lingering[0]);
}

void connections_refuse(struct connections *connections, int socket)
{
    metrics_refusal(connections->settings.metrics, PROBLEM_TOO_MANY_CONNECTIONS);
    send_canned(socket, &connections->refusal);
    (void)shutdown(socket, SHUT_WR);
    pthread_mutex_lock(&connections->mutex);
    if (connections->lingering_count == CONNECTIONS_LINGERING_MAX)
        end_lingering(connections, 1);
    connections->lingering[connections->lingering_count++] =
        (struct lingering){socket, now_ms(connections) + LINGER_MS};
    pthread_mutex_unlock(&connections->mutex);
}

/* Returns: when the next one is to be closed. */
static int64_t sweep_lingering(struct connections *connections, int64_t now)
{
    size_t due = 0;
    while (due < connections->lingering_count && connections->lingering[due].until_ms <= now)
        due++;
    end_lingering(connections, due);
    return connections->lingering_count > 0 ? connections->lingering[0].until_ms : now + LINGER_MS;
}

void connections_free(struct connections *connections)
{
    INVARIANT(LIST_EMPTY(&connections->open));
    end_lingering(connections, connections->lingering_count);
    pthread_mutex_destroy(&connections->mutex);
}

/* Turns */

static int64_t due_at(const struct connections *connections, enum turn turn)
{
    switch (turn) {
    case TURN_SEND:
        return word_of(now_ms(connections) + connections->settings.send_ms_max, false);
    case TURN_READ:
        return word_of(now_ms(connections) + connections->settings.read_ms_max, true);
    default:
        return due_never;
    }
}

void connections_add(struct connections *connections, struct connection *connection, int socket)
{
    connection->socket = socket;
    atomic_store(&connection->received, 0);
    atomic_store(&connection->due, due_at(connections, TURN_SEND));
    pthread_mutex_lock(&connections->mutex);
    LIST_INSERT_HEAD(&connections->open, connection, siblings);
    pthread_mutex_unlock(&connections->mutex);
}

void connections_remove(struct connections *connections, struct connection *connection)
{
    pthread_mutex_lock(&connections->mutex);
    LIST_REMOVE(connection, siblings);
    pthread_mutex_unlock(&connections->mutex);
}

/* All bytes that have come on a connection; 0 where the system does not count them. */
static uint64_t received_by(int socket)
{
    struct tcp_info info;
    socklen_t bytes = sizeof info;
    bool counts = getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &bytes) == 0 &&
                  bytes >= offsetof(struct tcp_info, tcpi_bytes_received) + sizeof(uint64_t);
    return counts ? info.tcpi_bytes_received : 0;
}

int connection_turn(struct connections *connections, struct connection *connection, enum turn turn)
{
    int64_t due = atomic_load(&connection->due);
    if (due == due_over ||
        !atomic_compare_exchange_strong(&connection->due, &due, due_at(connections, turn)))
        return -ECANCELED;
    if (turn == TURN_SEND)
        atomic_store(&connection->received, received_by(connection->socket));
    return 0;
}

/* Whether nothing has come since the last answer. */
static bool is_silent(const struct connection *connection)
{
    uint64_t before = atomic_load(&connection->received);
    return before > 0 && received_by(connection->socket) == before;
}

/* The answer the client did not read cannot be mended by another one. */
static void end_turn(struct connections *connections, struct connection *connection, int64_t due)
{
    if (!atomic_compare_exchange_strong(&connection->due, &due, due_over))
        return;
    if (!(due & 1)) {
        metrics_refusal(connections->settings.metrics, PROBLEM_REQUEST_TIMEOUT);
        if (!is_silent(connection))
            send_canned(connection->socket, &connections->timeout);
    }
    (void)shutdown(connection->socket, SHUT_RDWR);
}

int64_t connections_sweep(struct connections *connections)
{
    const struct connections_settings *settings = &connections->settings;
    int64_t now = now_ms(connections);
    struct connection *connection;
    pthread_mutex_lock(&connections->mutex);
    int64_t next = sweep_lingering(connections, now);
    /* Turns that begin after this moment end after these. */
    if (next > now + settings->send_ms_max)
        next = now + settings->send_ms_max;
    if (next > now + settings->read_ms_max)
        next = now + settings->read_ms_max;
    LIST_FOREACH(connection, &connections->open, siblings)
    {
        int64_t due = atomic_load(&connection->due);
        if (due == due_never || due == due_over)
            continue;
        if (due >> 1 <= now)
            end_turn(connections, connection, due);
        else if (due >> 1 < next)
            next = due >> 1;
    }
    pthread_mutex_unlock(&connections->mutex);
    return next;
}
