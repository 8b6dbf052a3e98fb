/* HTTP over libmicrohttpd: the one place that knows the library. */
#ifndef REUNION_HTTP_LISTENER_H
#define REUNION_HTTP_LISTENER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/request.h"
#include "http/socket.h"

struct listener_settings {
    unsigned threads;          /* that serve one listening socket */
    unsigned connections_max;  /* at once */
    unsigned connection_bytes; /* of memory for the head of a request */
    unsigned idle_s_max;       /* of a connection on which nothing moves */
};

struct listener;

/* Serve `api`, which must outlive the listener, on an address (see socket_listen).
 * Gives: 0, -ENOMEM, and what socket_listen gives. */
MUST_CHECK int listener_open(struct listener **listener, const char *text, const struct api *api,
                             const struct listener_settings *settings,
                             char address[static ADDRESS_BYTES]);

/* Accept no connections from now on, and close each after the answer under way. */
void listener_quiesce(struct listener *listener);

/* Wait until no request is under way, at most `timeout_ms`. Gives: 0, -EAGAIN (there still is). */
MUST_CHECK int listener_drain(struct listener *listener, int64_t timeout_ms);

/* Stop and release; no request may be waiting for `resume`. NULL is fine. */
void listener_close(struct listener *listener);

#endif
