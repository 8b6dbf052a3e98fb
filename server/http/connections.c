#include "http/connections.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/owner_of.h"

enum { LINGER_MS = 2000, DRAINED_BYTES_MAX = 65536, LOOKED_AT_MAX = 64 };

static int64_t now_ms(const struct connections *connections)
{
    return clock_monotonic_ms(connections->settings.clock);
}

int connections_init(struct connections *connections, const struct connections_settings *settings)
{
    *connections = (struct connections){.settings = *settings};
    if (canned_make(&connections->timeout, PROBLEM_REQUEST_TIMEOUT) ||
        canned_make(&connections->refusal, PROBLEM_TOO_MANY_CONNECTIONS) ||
        holders_init(&connections->holders, settings->limit + CONNECTIONS_ENDING_MAX))
        return -ENOMEM;
    TAILQ_INIT(&connections->sending);
    TAILQ_INIT(&connections->reading);
    pthread_mutex_init(&connections->mutex, NULL);
    return 0;
}

/* Places */

/* Returns: 0, -ENOSPC (as many as that are taken). */
static int take_place(struct connections *connections, size_t limit)
{
    size_t taken = atomic_load(&connections->taken);
    do {
        if (taken >= limit)
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
    INVARIANT(connections->open_count == 0);
    end_lingering(connections, connections->lingering_count);
    holders_free(&connections->holders);
    pthread_mutex_destroy(&connections->mutex);
}

/* Turns */

/* Returns: where a connection stands while it is that one's turn, or NULL. */
static struct connection_queue *queue_of(struct connections *connections, enum turn turn)
{
    return turn == TURN_SEND   ? &connections->sending
           : turn == TURN_READ ? &connections->reading
                               : NULL;
}

/* The mutex is held. */
static void set_turn(struct connections *connections, struct connection *connection, enum turn turn)
{
    struct connection_queue *before = queue_of(connections, connection->turn);
    struct connection_queue *after = queue_of(connections, turn);
    if (before)
        TAILQ_REMOVE(before, connection, siblings);
    if (after)
        TAILQ_INSERT_TAIL(after, connection, siblings);
    connection->turn = turn;
    connection->began_ms = now_ms(connections);
}

void connections_add(struct connections *connections, struct connection *connection, int socket,
                     uint64_t client)
{
    *connection = (struct connection){.socket = socket, .turn = TURN_SERVER};
    pthread_mutex_lock(&connections->mutex);
    connections->open_count++;
    set_turn(connections, connection, TURN_SEND);
    /* Without memory it is never ended for another one. */
    int err = holders_add(&connections->holders, &connection->held, client);
    (void)err;
    pthread_mutex_unlock(&connections->mutex);
}

void connections_remove(struct connections *connections, struct connection *connection)
{
    pthread_mutex_lock(&connections->mutex);
    set_turn(connections, connection, TURN_OVER);
    holders_remove(&connections->holders, &connection->held);
    connections->open_count--;
    pthread_mutex_unlock(&connections->mutex);
}

/* Returns: whether the system counts the bytes that have come on a connection; `*bytes`: all of
 * them. */
static bool count_received(int socket, uint64_t *bytes)
{
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) ||
        length < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof *bytes)
        return false;
    *bytes = info.tcpi_bytes_received;
    return true;
}

int connection_turn(struct connections *connections, struct connection *connection, enum turn turn)
{
    uint64_t received = 0;
    /* Before the answer is sent, as the next request may follow it at once. */
    bool counted = turn == TURN_READ && count_received(connection->socket, &received);
    pthread_mutex_lock(&connections->mutex);
    bool over = connection->turn == TURN_OVER;
    if (!over) {
        set_turn(connections, connection, turn);
        holders_set_idle(&connections->holders, &connection->held, turn == TURN_SEND);
        if (counted)
            connection->received = received;
    }
    pthread_mutex_unlock(&connections->mutex);
    return over ? -ECANCELED : 0;
}

/* Whether nothing has come since the last answer was begun, or ever; or what `unknown` says where
 * the system does not count. */
static bool is_silent(const struct connection *connection, bool unknown)
{
    uint64_t bytes;
    return count_received(connection->socket, &bytes) ? bytes == connection->received : unknown;
}

/* The mutex is held. The answer the client did not read cannot be mended by another one. */
static void end(struct connections *connections, struct connection *connection,
                const struct canned *problem)
{
    if (problem)
        send_canned(connection->socket, problem);
    set_turn(connections, connection, TURN_OVER);
    holders_remove(&connections->holders, &connection->held);
    (void)shutdown(connection->socket, SHUT_RDWR);
}

/* Who has never sent anything is told, too: nothing it could have asked is answered by that. */
static void end_overdue_request(struct connections *connections, struct connection *connection)
{
    bool answered = connection->received > 0;
    metrics_refusal(connections->settings.metrics, PROBLEM_REQUEST_TIMEOUT);
    end(connections, connection,
        answered && is_silent(connection, false) ? NULL : &connections->timeout);
}

/* Returns: when the first of a queue is to be ended; later, if there is none. */
static int64_t first_due(const struct connection_queue *queue, int64_t ms_max, int64_t now)
{
    const struct connection *first = TAILQ_FIRST(queue);
    return (first ? first->began_ms : now) + ms_max;
}

int64_t connections_sweep(struct connections *connections)
{
    const struct connections_settings *settings = &connections->settings;
    struct connection_queue *sending = &connections->sending, *reading = &connections->reading;
    pthread_mutex_lock(&connections->mutex);
    int64_t now = now_ms(connections);
    int64_t next = sweep_lingering(connections, now);
    while (first_due(sending, settings->send_ms_max, now) <= now)
        end_overdue_request(connections, TAILQ_FIRST(sending));
    while (first_due(reading, settings->read_ms_max, now) <= now)
        end(connections, TAILQ_FIRST(reading), NULL);
    /* Turns that begin after this moment end after these. */
    int64_t send_due = first_due(sending, settings->send_ms_max, now);
    int64_t read_due = first_due(reading, settings->read_ms_max, now);
    pthread_mutex_unlock(&connections->mutex);
    if (next > send_due)
        next = send_due;
    return next < read_due ? next : read_due;
}

/* Giving way */

/* Returns: the idle connection that gives way, or NULL. */
static struct connection *find_idle(struct connections *connections)
{
    struct held *first = holders_first_idle(&connections->holders), *held = first;
    for (int looked_at = 0; held && looked_at < LOOKED_AT_MAX; looked_at++) {
        struct connection *connection = OWNER_OF(held, struct connection, held);
        if (is_silent(connection, true))
            return connection;
        held = TAILQ_NEXT(held, siblings);
    }
    return first ? OWNER_OF(first, struct connection, held) : NULL;
}

/* Returns: of the answers that have been read for so long, one of the address that holds most, or
 * NULL. */
static struct connection *find_reading(struct connections *connections)
{
    int64_t before_ms = now_ms(connections) - CONNECTIONS_READ_MS_MIN;
    struct connection *connection, *found = NULL;
    TAILQ_FOREACH(connection, &connections->reading, siblings)
    {
        if (connection->began_ms > before_ms)
            break;
        if (!found || holders_count(&connection->held) > holders_count(&found->held))
            found = connection;
    }
    return found;
}

/* Returns: whether one has been ended. */
static bool give_way(struct connections *connections)
{
    pthread_mutex_lock(&connections->mutex);
    struct connection *connection = find_idle(connections);
    bool has_begun = connection && !is_silent(connection, true);
    if (!connection)
        connection = find_reading(connections);
    if (has_begun)
        metrics_refusal(connections->settings.metrics, PROBLEM_TOO_MANY_CONNECTIONS);
    if (connection)
        end(connections, connection, has_begun ? &connections->refusal : NULL);
    pthread_mutex_unlock(&connections->mutex);
    return connection != NULL;
}

int connections_reserve(struct connections *connections)
{
    size_t limit = connections->settings.limit;
    if (take_place(connections, limit) == 0)
        return 0;
    int err = take_place(connections, limit + CONNECTIONS_ENDING_MAX);
    if (!err && !give_way(connections)) {
        connections_release(connections);
        err = -ENOSPC;
    }
    return err;
}
