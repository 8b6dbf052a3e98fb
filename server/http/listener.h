/* HTTP over libmicrohttpd: the one place that knows the library. */
#ifndef REUNION_HTTP_LISTENER_H
#define REUNION_HTTP_LISTENER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/request.h"
#include "http/socket.h"

struct listener_settings {
    unsigned threads;          /* that serve connections */
    unsigned connections_max;  /* at once */
    unsigned connection_bytes; /* of memory for the head of a request */
    unsigned idle_s_max;       /* of a connection on which nothing moves */
};

struct listener;

/* Start the threads that will serve `api`, which must outlive the listener. It listens nowhere yet.
 * Gives: 0, -ENOMEM, -EAGAIN (no threads or descriptors). */
MUST_CHECK int listener_new(struct listener **listener, const struct api *api,
                            const struct listener_settings *settings);

/* Listen on an address too (see socket_listen); before listener_start. Connections wait.
 * Gives: 0, -ENOSPC (too many addresses), and what socket_listen gives. */
MUST_CHECK int listener_add(struct listener *listener, const char *text,
                            char address[static ADDRESS_BYTES]);

/* Accept connections. Gives: 0, -EAGAIN. */
MUST_CHECK int listener_start(struct listener *listener);

/* Accept none from now on, and close each after the answer under way. */
void listener_quiesce(struct listener *listener);

/* Wait until no request is under way, at most `timeout_ms`. Gives: 0, -EAGAIN (there still is). */
MUST_CHECK int listener_drain(struct listener *listener, int64_t timeout_ms);

/* Stop and release; no request may be waiting for `resume`. NULL is fine. */
void listener_close(struct listener *listener);

#endif
