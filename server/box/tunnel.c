#include "box/tunnel.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "box/greeting.h"
#include "box/pump.h"

/* What the system keeps between the library and us, in each direction; it doubles what it is told.
 * An answer counts as read for the library when it is in there. */
enum { LOCAL_BUFFER_BYTES = 32 * 1024 };

int tunnels_init(struct tunnels *tunnels, const struct tunnels_settings *settings)
{
    *tunnels = (struct tunnels){.settings = settings, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (tunnels->epoll < 0)
        return -EAGAIN;
    secret_pool_open(&tunnels->secrets, sizeof(struct tunnel_secrets));
    for (size_t i = 0; i < TUNNEL_QUEUES; i++)
        TAILQ_INIT(&tunnels->queues[i]);
    TAILQ_INIT(&tunnels->closed);
    return 0;
}

struct tunnel *tunnel_new(int connection, const struct sockaddr *peer, socklen_t bytes,
                          int64_t due_ms)
{
    struct tunnel *tunnel = calloc(1, sizeof *tunnel);
    if (!tunnel)
        return NULL;
    INVARIANT(bytes <= sizeof tunnel->peer);
    memcpy(&tunnel->peer, peer, bytes);
    tunnel->peer_bytes = bytes;
    tunnel->due_ms = due_ms;
    tunnel->phase = TUNNEL_HELLO;
    tunnel->network = (struct tunnel_end){tunnel, connection, 0};
    tunnel->local = (struct tunnel_end){tunnel, -1, 0};
    return tunnel;
}

/* Deadlines */

static int64_t now_ms(const struct tunnels *tunnels)
{
    return clock_monotonic_ms(tunnels->settings->clock);
}

static void enqueue(struct tunnel *tunnel, enum tunnel_queue queue, int64_t span_ms)
{
    struct tunnels *tunnels = tunnel->tunnels;
    if (tunnel->queue == queue)
        return;
    TAILQ_REMOVE(&tunnels->queues[tunnel->queue], tunnel, siblings);
    TAILQ_INSERT_TAIL(&tunnels->queues[queue], tunnel, siblings);
    tunnel->queue = queue;
    tunnel->due_ms = queue == QUEUE_QUIET ? INT64_MAX : now_ms(tunnels) + span_ms;
}

/* Closing */

static void end_greeting(struct tunnel *tunnel)
{
    const struct tunnel_target *target = &tunnel->tunnels->settings->target;
    if (tunnel->queue == QUEUE_GREETING)
        target->greeted(target->context, &tunnel->peer.any);
}

static void close_end(struct tunnel_end *end)
{
    if (end->fd >= 0)
        close(end->fd);
    end->fd = -1;
}

static void close_tunnel(struct tunnel *tunnel)
{
    struct tunnels *tunnels = tunnel->tunnels;
    const struct tunnel_target *target = &tunnels->settings->target;
    end_greeting(tunnel);
    close_end(&tunnel->network);
    close_end(&tunnel->local);
    pump_release(tunnel);
    secret_pool_give(&tunnels->secrets, tunnel->secrets);
    tunnel->secrets = NULL;
    tunnel->phase = TUNNEL_CLOSED;
    TAILQ_REMOVE(&tunnels->queues[tunnel->queue], tunnel, siblings);
    TAILQ_INSERT_TAIL(&tunnels->closed, tunnel, siblings);
    target->ended(target->context, &tunnel->peer.any);
}

void tunnels_bury(struct tunnels *tunnels)
{
    struct tunnel *tunnel;
    while ((tunnel = TAILQ_FIRST(&tunnels->closed))) {
        TAILQ_REMOVE(&tunnels->closed, tunnel, siblings);
        free(tunnel);
    }
}

void tunnels_free(struct tunnels *tunnels)
{
    for (size_t i = 0; i < TUNNEL_QUEUES; i++)
        while (!TAILQ_EMPTY(&tunnels->queues[i]))
            close_tunnel(TAILQ_FIRST(&tunnels->queues[i]));
    tunnels_bury(tunnels);
    pump_free_spare(tunnels);
    secret_pool_close(&tunnels->secrets);
    close(tunnels->epoll);
}

/* Events */

/* The system tells of a hang-up whether it is asked or not, so an end at which there is nothing to
 * do is not watched at all. Returns: 0, -EAGAIN. */
static int watch(struct tunnel_end *end, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = end};
    if (end->fd < 0 || end->watched == events)
        return 0;
    int operation = !events ? EPOLL_CTL_DEL : end->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    end->watched = events;
    return epoll_ctl(end->tunnel->tunnels->epoll, operation, end->fd, &event) ? -EAGAIN : 0;
}

static uint32_t wanted(bool in, bool out)
{
    return (in ? EPOLLIN : 0U) | (out ? EPOLLOUT : 0U);
}

static int watch_both(struct tunnel *tunnel)
{
    bool open = tunnel->phase == TUNNEL_OPEN;
    bool blocked = pump_is_blocked(tunnel);
    int err = watch(&tunnel->network,
                    wanted(!tunnel->network_ended && !blocked, tunnel->outward != NULL));
    if (!err && open)
        err = watch(&tunnel->local, wanted(!tunnel->outward && !tunnel->local_ended, blocked));
    return err;
}

/* Hand one end of a socketpair to the library. Returns: 0, -EAGAIN (no descriptor or memory). */
static int open_local(struct tunnel *tunnel)
{
    const struct tunnel_target *target = &tunnel->tunnels->settings->target;
    const int bytes = LOCAL_BUFFER_BYTES;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
        return -EAGAIN;
    tunnel->local.fd = ends[0];
    for (size_t i = 0; i < 2; i++)
        (void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    return target->serve(target->context, ends[1], &tunnel->peer.any, tunnel->peer_bytes);
}

static int greet(struct tunnel *tunnel)
{
    greeting_read(tunnel);
    if (tunnel->phase != TUNNEL_OPEN)
        return 0;
    end_greeting(tunnel);
    enqueue(tunnel, QUEUE_QUIET, 0);
    return open_local(tunnel);
}

static int at_network(struct tunnel *tunnel, uint32_t events)
{
    bool broken = events & (EPOLLERR | EPOLLHUP);
    int err = 0;
    if (tunnel->outward && (events & EPOLLOUT || broken))
        err = pump_flush(tunnel);
    if (!err && !tunnel->network_ended && !pump_is_blocked(tunnel) && (events & EPOLLIN || broken))
        err = pump_inward(tunnel);
    return err;
}

static int at_local(struct tunnel *tunnel, uint32_t events)
{
    bool broken = events & (EPOLLERR | EPOLLHUP);
    int err = 0;
    if (pump_is_blocked(tunnel) && (events & EPOLLOUT || broken))
        err = pump_deliver(tunnel);
    if (!err && !tunnel->outward && !tunnel->local_ended && (events & EPOLLIN || broken))
        err = pump_outward(tunnel);
    return err;
}

/* All was sent, the end frame too. */
static void linger(struct tunnel *tunnel)
{
    close_end(&tunnel->local);
    pump_release(tunnel);
    (void)shutdown(tunnel->network.fd, SHUT_WR);
    tunnel->phase = TUNNEL_LINGERS;
    enqueue(tunnel, QUEUE_LINGERING, TUNNEL_LINGER_MS);
}

static int move(struct tunnel_end *end, uint32_t events)
{
    struct tunnel *tunnel = end->tunnel;
    int err = end == &tunnel->network ? at_network(tunnel, events) : at_local(tunnel, events);
    if (err)
        return err;
    if (tunnel->outward)
        enqueue(tunnel, QUEUE_READING, tunnel->tunnels->settings->read_ms_max);
    else
        enqueue(tunnel, QUEUE_QUIET, 0);
    if (!tunnel->local_ended || tunnel->outward)
        return 0;
    linger(tunnel);
    return tunnel->network_ended || tunnel->tunnels->finishing ? -ECONNRESET : 0;
}

static int handle(struct tunnel_end *end, uint32_t events)
{
    struct tunnel *tunnel = end->tunnel;
    switch (tunnel->phase) {
    case TUNNEL_HELLO:
    case TUNNEL_VOUCH:
        return greet(tunnel);
    case TUNNEL_REFUSED:
        tunnel->network_ended = greeting_discard(tunnel);
        return 0;
    case TUNNEL_OPEN:
        return move(end, events);
    case TUNNEL_LINGERS:
        return greeting_discard(tunnel) ? -ECONNRESET : 0;
    case TUNNEL_CLOSED:
        break;
    }
    return 0;
}

void tunnels_event(struct tunnel_end *end, uint32_t events)
{
    struct tunnel *tunnel = end->tunnel;
    if (tunnel->phase != TUNNEL_CLOSED && (handle(end, events) || watch_both(tunnel)))
        close_tunnel(tunnel);
}

void tunnels_adopt(struct tunnels *tunnels, struct tunnel *tunnel)
{
    const int on = 1;
    tunnel->tunnels = tunnels;
    tunnel->queue = QUEUE_GREETING;
    struct tunnel *oldest = TAILQ_FIRST(&tunnels->queues[QUEUE_GREETING]);
    if (tunnel->takes_over && oldest)
        close_tunnel(oldest);
    TAILQ_INSERT_TAIL(&tunnels->queues[QUEUE_GREETING], tunnel, siblings);
    /* Frames are sent whole, and none waits for the next. */
    (void)setsockopt(tunnel->network.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (tunnels->finishing || watch_both(tunnel))
        close_tunnel(tunnel);
}

int64_t tunnels_expire(struct tunnels *tunnels)
{
    int64_t now = now_ms(tunnels), next = INT64_MAX;
    for (size_t i = 0; i < TUNNEL_QUEUES; i++) {
        struct tunnel *tunnel;
        while ((tunnel = TAILQ_FIRST(&tunnels->queues[i])) && tunnel->due_ms <= now)
            close_tunnel(tunnel);
        if (tunnel && tunnel->due_ms < next)
            next = tunnel->due_ms;
    }
    return next;
}

/* Stopping */

void tunnels_finish(struct tunnels *tunnels)
{
    struct tunnel *tunnel;
    tunnels->finishing = true;
    while ((tunnel = TAILQ_FIRST(&tunnels->queues[QUEUE_GREETING])) ||
           (tunnel = TAILQ_FIRST(&tunnels->queues[QUEUE_LINGERING])))
        close_tunnel(tunnel);
    TAILQ_FOREACH(tunnel, &tunnels->queues[QUEUE_QUIET], siblings)
    (void)shutdown(tunnel->local.fd, SHUT_WR);
    TAILQ_FOREACH(tunnel, &tunnels->queues[QUEUE_READING], siblings)
    (void)shutdown(tunnel->local.fd, SHUT_WR);
}

bool tunnels_are_gone(const struct tunnels *tunnels)
{
    for (size_t i = 0; i < TUNNEL_QUEUES; i++)
        if (!TAILQ_EMPTY(&tunnels->queues[i]))
            return false;
    return true;
}
