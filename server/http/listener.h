/* The HTTP listener over libmicrohttpd, and its threads. */
#ifndef REUNION_HTTP_LISTENER_H
#define REUNION_HTTP_LISTENER_H

#include <stddef.h>
#include <stdint.h>

#include "api/request.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "daemon/rates.h"
#include "daemon/socket.h"

struct listener_settings {
    unsigned threads;                /* that serve connections */
    size_t connections_max;          /* at once; one more is told so */
    unsigned connection_bytes;       /* of memory for the head of a request */
    unsigned idle_s_max;             /* of a connection on which nothing moves */
    int64_t request_ms_max;          /* for a whole request to arrive */
    int64_t answer_ms_max;           /* for an answer to be read */
    mode_t socket_mode;              /* of the files of unix sockets */
    uint32_t client_connections_max; /* at once, of one address; 0: no limit */
    uint32_t client_waits_max;       /* requests that wait long, of one address; 0: no limit */
    size_t waits_max;                /* in sum */
    struct rates_rules rates;        /* of requests */
    struct proxies proxies;          /* that say who their clients are */
};

struct listener;

/* Start the threads that will serve `api`, which, as clock and random, must outlive the listener.
 * It listens nowhere yet.
 * Returns: 0, -ENOMEM, -EAGAIN (no threads or descriptors). */
MUST_CHECK int listener_new(struct listener **listener, const struct api *api,
                            const struct listener_settings *settings,
                            const struct clock_source *clock, const struct random_source *random);

/* Listen on an address too (see socket_listen); before listener_start. Connections wait.
 * Returns: 0, -ENOSPC (too many addresses), and what socket_listen gives. */
MUST_CHECK int listener_add(struct listener *listener, const char *text,
                            char address[static ADDRESS_BYTES]);

/* The same with a socket that listens already and becomes the listener's (see socket_adopt). */
MUST_CHECK int listener_adopt(struct listener *listener, int socket,
                              char address[static ADDRESS_BYTES]);

/* Accept connections. Returns: 0, -EAGAIN. */
MUST_CHECK int listener_start(struct listener *listener);

/* Tunnels: connections of another transport, of which the library has one end of a socketpair. A
 * place is taken for each before its handshake, and given back when all of it has ended, which is
 * later than the library's part. They count with the connections of the client at `peer`, an
 * internet address. Any thread, between listener_start and listener_close.
 *
 * listener_reserve_tunnel returns: 0, -ENOSPC (there are as many connections as may be), -EDQUOT
 * (of that address). */
MUST_CHECK int listener_reserve_tunnel(struct listener *listener, const struct sockaddr *peer);
void listener_release_tunnel(struct listener *listener, const struct sockaddr *peer);

/* Serve the client at `peer` on a unix socket, which becomes the listener's in any case and does
 * not block; its place is kept. Returns: 0, -EAGAIN (no memory or descriptors; it is closed). */
MUST_CHECK int listener_serve_tunnel(struct listener *listener, int socket,
                                     const struct sockaddr *peer, socklen_t bytes);

/* Whether each serving thread answers a request within `timeout_ms`. Between listener_start and
 * listener_quiesce.
 * Returns: 0, -EAGAIN (not all do). */
MUST_CHECK int listener_answers(struct listener *listener, int timeout_ms);

/* Shut down the connections that are overdue, and forget clients that may do anything again; a
 * thread does so while there are any. Any thread. Returns: when there may be something to do again,
 * on the monotonic clock. */
int64_t listener_sweep(struct listener *listener);

/* Accept none from now on, stop listening, and close each connection after the answer under way. */
void listener_quiesce(struct listener *listener);

/* Wait until no request is under way, at most `timeout_ms`. Returns: 0, -EAGAIN (there still is).
 */
MUST_CHECK int listener_drain(struct listener *listener, int64_t timeout_ms);

/* Stop and release; no request may be waiting for `resume`. NULL is fine. */
void listener_close(struct listener *listener);

#endif
