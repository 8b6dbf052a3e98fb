#include "box/box_listener.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "box/loop.h"
#include "daemon/acceptor.h"
#include "daemon/client_counts.h"
#include "daemon/forwarded.h"

/* The system has room for two frames on their way: with less, a frame would wait for the word that
 * the one before has come, which the other side keeps back for some 40 ms. */
enum { SENDING_BYTES = 24 * 1024 };
_Static_assert(2 * SENDING_BYTES > 2 * BOX_FRAME_BYTES_MAX, "the system doubles it");

struct box_listener {
    struct box_inside inside;
    struct tunnels_settings tunnels;
    size_t handshakes_max;
    atomic_size_t handshakes;
    struct client_counts client_handshakes;
    struct box_loop *loops;
    unsigned loop_count, next; /* whose turn it is to get a connection; the acceptor's */
    struct acceptor acceptor;
};

/* Handshakes under way
 *
 * DESIGN: an honest handshake takes two round trips, one that is held open takes all the time there
 * is. So where there are as many as may be, the oldest ends for the newest: whoever wants to shut
 * others out has to open as many in each round trip, and not once in a while. */

/* Returns: whether the address counts, which this machine's does not. */
static bool counted_client(const struct sockaddr *address, struct client_address *client)
{
    static const struct forwarded_lines none;
    static const struct proxies nobody;
    struct peer_address peer = peer_address_of(&nobody, address);
    return client_of(&nobody, &peer, &none, &none, client);
}

static void end_handshake(struct box_listener *listener, const struct sockaddr *peer)
{
    struct client_address client;
    if (counted_client(peer, &client))
        client_counts_give(&listener->client_handshakes, &client, 1);
    atomic_fetch_sub(&listener->handshakes, 1);
}

/* The acceptor alone adds. Where there are as many as may be, the oldest is to give way, which its
 * loop sees to a little later; so twice as many is the end. Returns: 0, -ENOSPC, -EDQUOT (there are
 * as many of that address as may be). */
static int begin_handshake(struct box_listener *listener, const struct sockaddr *peer,
                           bool *crowded)
{
    struct client_address client;
    size_t under_way = atomic_load(&listener->handshakes);
    *crowded = under_way >= listener->handshakes_max;
    if (under_way >= 2 * listener->handshakes_max)
        return -ENOSPC;
    if (counted_client(peer, &client) &&
        client_counts_take(&listener->client_handshakes, &client, 1))
        return -EDQUOT;
    atomic_fetch_add(&listener->handshakes, 1);
    return 0;
}

/* Tunnels */

static int serve(void *context, int socket, const struct sockaddr *peer, socklen_t bytes)
{
    const struct box_inside *inside = &((struct box_listener *)context)->inside;
    return inside->serve(inside->context, socket, peer, bytes);
}

static void greeted(void *context, const struct sockaddr *peer)
{
    end_handshake(context, peer);
}

static void ended(void *context, const struct sockaddr *peer)
{
    const struct box_inside *inside = &((struct box_listener *)context)->inside;
    inside->release(inside->context, peer);
}

static void take_connection(void *context, int connection, const struct sockaddr *peer,
                            socklen_t bytes)
{
    struct box_listener *listener = context;
    const struct box_inside *inside = &listener->inside;
    struct tunnel *tunnel = NULL;
    int64_t due_ms =
        clock_monotonic_ms(listener->tunnels.clock) + listener->tunnels.handshake_ms_max;
    bool crowded;
    if (begin_handshake(listener, peer, &crowded)) {
        close(connection);
        return;
    }
    int err = inside->reserve(inside->context, peer);
    if (!err) {
        tunnel = tunnel_new(connection, peer, bytes, due_ms);
        if (!tunnel)
            inside->release(inside->context, peer);
    }
    if (!tunnel) {
        end_handshake(listener, peer);
        close(connection);
        return;
    }
    tunnel->takes_over = crowded;
    socket_bound_sending(connection, SENDING_BYTES);
    box_loop_take(&listener->loops[listener->next], tunnel);
    listener->next = (listener->next + 1) % listener->loop_count;
}

/* Opening */

static int start_loops(struct box_listener *listener, unsigned threads)
{
    listener->loops = calloc(threads, sizeof *listener->loops);
    if (!listener->loops)
        return -ENOMEM;
    for (unsigned i = 0; i < threads; i++) {
        int err = box_loop_start(&listener->loops[i], &listener->tunnels);
        if (err)
            return err;
        listener->loop_count++;
    }
    return 0;
}

int box_listener_new(struct box_listener **made, const struct box_listener_settings *settings)
{
    struct box_listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return -ENOMEM;
    listener->inside = settings->inside;
    listener->handshakes_max = settings->handshakes_max;
    listener->tunnels = (struct tunnels_settings){
        .identity = settings->identity,
        .clients = settings->clients,
        .handshake_ms_max = settings->handshake_ms_max,
        .read_ms_max = settings->read_ms_max,
        .target = {serve, greeted, ended, listener},
        .clock = settings->clock,
        .random = settings->random,
    };
    size_t share = settings->handshakes_max / HANDSHAKES_CLIENT_PART;
    int err = client_counts_init(&listener->client_handshakes, share > 0 ? share : 1,
                                 settings->handshakes_max, settings->random);
    if (!err)
        err = start_loops(listener, settings->threads);
    if (err)
        box_listener_close(listener, 0);
    else
        *made = listener;
    return err;
}

int box_listener_add(struct box_listener *listener, const char *text,
                     char address[static ADDRESS_BYTES])
{
    return acceptor_listen(&listener->acceptor, text, 0, address);
}

int box_listener_adopt(struct box_listener *listener, int socket,
                       char address[static ADDRESS_BYTES])
{
    int domain = AF_UNSPEC;
    socklen_t bytes = sizeof domain;
    if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &bytes) ||
        (domain != AF_INET && domain != AF_INET6))
        return -EPROTOTYPE;
    return acceptor_adopt(&listener->acceptor, socket, address);
}

int box_listener_start(struct box_listener *listener)
{
    return acceptor_start(&listener->acceptor, take_connection, listener);
}

int box_listener_look(struct box_listener *listener, int64_t timeout_ms)
{
    int err = 0;
    for (unsigned i = 0; i < listener->loop_count && !err; i++)
        err = box_loop_look(&listener->loops[i], timeout_ms);
    return err;
}

/* Stopping */

void box_listener_quiesce(struct box_listener *listener)
{
    acceptor_stop(&listener->acceptor);
}

void box_listener_close(struct box_listener *listener, int64_t timeout_ms)
{
    if (!listener)
        return;
    box_listener_quiesce(listener);
    for (unsigned i = 0; i < listener->loop_count; i++)
        box_loop_finish(&listener->loops[i], timeout_ms);
    for (unsigned i = 0; i < listener->loop_count; i++)
        box_loop_stop(&listener->loops[i]);
    free(listener->loops);
    client_counts_free(&listener->client_handshakes);
    free(listener);
}
