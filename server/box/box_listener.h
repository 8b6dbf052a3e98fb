/* The listener of the box transport, and its threads. */
#ifndef REUNION_SERVER_BOX_BOX_LISTENER_H
#define REUNION_SERVER_BOX_BOX_LISTENER_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "box/client_list.h"
#include "box/handshake.h"
#include "daemon/socket.h"

/* DESIGN: a connection takes a place among all connections before its handshake, and a place among
 * the handshakes, of which one address has an eighth. Who finds none is closed without a word, as
 * nothing can be said before a handshake. */

enum { HANDSHAKES_CLIENT_PART = 8 }; /* of all handshakes under way, that of one client address */

/* Who serves what is inside. */
struct box_inside {
    /* Take a place for a connection from `peer`. Returns: 0, or a negative code. */
    int (*reserve)(void *context, const struct sockaddr *peer);
    void (*release)(void *context, const struct sockaddr *peer);
    /* Serve the client at `peer`, who has a place, on a unix socket, which becomes the callee's in
     * any case. Returns: 0, or a negative code. */
    int (*serve)(void *context, int socket, const struct sockaddr *peer, socklen_t bytes);
    void *context;
};

/* What is pointed to must outlive the listener. */
struct box_listener_settings {
    unsigned threads;      /* that serve connections */
    size_t handshakes_max; /* under way at once */
    int64_t handshake_ms_max;
    int64_t read_ms_max; /* for a client to read a frame */
    const struct box_identity *identity;
    struct client_list *clients; /* NULL: all are admitted */
    struct box_inside inside;
    const struct clock_source *clock;
    const struct random_source *random;
};

struct box_listener;

/* Start the threads; it listens nowhere yet. Returns: 0, -ENOMEM, -EAGAIN (no threads or
 * descriptors). */
MUST_CHECK int box_listener_new(struct box_listener **listener,
                                const struct box_listener_settings *settings);

/* Listen on an address too, of TCP (see socket_listen); before box_listener_start.
 * Returns: 0, -ENOSPC (too many addresses), and what socket_listen gives. */
MUST_CHECK int box_listener_add(struct box_listener *listener, const char *text,
                                char address[static ADDRESS_BYTES]);

/* The same with a TCP socket that listens already and becomes the listener's.
 * Returns: as socket_adopt, -ENOSPC, -EPROTOTYPE (it is of another kind). */
MUST_CHECK int box_listener_adopt(struct box_listener *listener, int socket,
                                  char address[static ADDRESS_BYTES]);

/* Accept connections. Returns: 0, -EAGAIN. */
MUST_CHECK int box_listener_start(struct box_listener *listener);

/* Have each thread close what is overdue, within `timeout_ms`: so the clock was set, or it is asked
 * whether they live. Between box_listener_new and box_listener_quiesce.
 * Returns: 0, -EAGAIN (not all have). */
MUST_CHECK int box_listener_look(struct box_listener *listener, int64_t timeout_ms);

/* Accept none from now on, and stop listening. */
void box_listener_quiesce(struct box_listener *listener);

/* Send the answers that are there, for at most `timeout_ms`, close all connections, and release.
 * What serves the inside must still do so. NULL is fine. */
void box_listener_close(struct box_listener *listener, int64_t timeout_ms);

#endif
