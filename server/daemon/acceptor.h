/* A thread that accepts connections on several sockets. */
#ifndef REUNION_DAEMON_ACCEPTOR_H
#define REUNION_DAEMON_ACCEPTOR_H

#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"

/* DESIGN: accepting is our own, because the HTTP library cannot stop it without a race with its
 * own threads, and because what listens may be of several kinds. */

enum { ACCEPTOR_SOCKETS_MAX = 16 };

struct acceptor {
    pthread_t thread;
    struct pollfd watched[1 + ACCEPTOR_SOCKETS_MAX]; /* the first one says stop */
    size_t socket_count;
    void (*take)(void *context, int connection, const struct sockaddr *peer, socklen_t bytes);
    void *context;
};

/* Start accepting on `sockets`, at most ACCEPTOR_SOCKETS_MAX, which stay the caller's and open, and
 * hand each connection, non-blocking, to `take`, on the acceptor's thread. `context` must outlive
 * it.
 * Returns: 0, -EAGAIN (no thread or descriptor). */
MUST_CHECK int acceptor_start(struct acceptor *acceptor, const int *sockets, size_t count,
                              void (*take)(void *context, int connection,
                                           const struct sockaddr *peer, socklen_t bytes),
                              void *context);

/* Accept no more. When this returns `take` is not called again. */
void acceptor_stop(struct acceptor *acceptor);

#endif
