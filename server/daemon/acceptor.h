/* Sockets that are listened on, and a thread that accepts connections on them. */
#ifndef REUNION_DAEMON_ACCEPTOR_H
#define REUNION_DAEMON_ACCEPTOR_H

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"
#include "daemon/socket.h"

/* DESIGN: accepting is our own, because the HTTP library cannot stop it without a race with its
 * own threads, and because what listens may be of several kinds. */

enum { ACCEPTOR_SOCKETS_MAX = 16 };

struct acceptor {
    struct listening sockets[ACCEPTOR_SOCKETS_MAX];
    size_t socket_count;
    pthread_t thread;
    bool accepting;
    struct pollfd watched[1 + ACCEPTOR_SOCKETS_MAX]; /* the first one says stop */
    void (*take)(void *context, int connection, const struct sockaddr *peer, socklen_t bytes);
    void *context;
};

/* Listen on an address as socket_listen does, or take over a socket that listens already as
 * socket_adopt does, before acceptor_start; an acceptor of zeros has none.
 * Returns: as those, and -ENOSPC (there are ACCEPTOR_SOCKETS_MAX). */
MUST_CHECK int acceptor_listen(struct acceptor *acceptor, const char *text, mode_t mode,
                               char address[static ADDRESS_BYTES]);
MUST_CHECK int acceptor_adopt(struct acceptor *acceptor, int socket,
                              char address[static ADDRESS_BYTES]);

/* Start accepting on all of them, and hand each connection, non-blocking, to `take`, on the
 * acceptor's thread. `context` must outlive it.
 * Returns: 0, -EAGAIN (no thread or descriptor). */
MUST_CHECK int acceptor_start(struct acceptor *acceptor,
                              void (*take)(void *context, int connection,
                                           const struct sockaddr *peer, socklen_t bytes),
                              void *context);

/* Accept no more, and stop listening. When this returns `take` is not called again. One of zeros,
 * or that has stopped, is fine. */
void acceptor_stop(struct acceptor *acceptor);

#endif
