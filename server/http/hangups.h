/* Notices that the client of a waiting request has closed its connection. */
#ifndef REUNION_HTTP_HANGUPS_H
#define REUNION_HTTP_HANGUPS_H

#include <pthread.h>
#include <stddef.h>

#include "base/err.h"

/* DESIGN: the HTTP library does not look at a suspended connection, so a client that has gone would
 * keep its connection and its place among those that wait until the wait's end. One thread watches
 * the sockets of suspended connections with epoll. A half-closed connection counts as closed, as
 * with most proxies. So does one on which more than HANGUPS_AHEAD_BYTES_MAX came behind the
 * request: the system's buffer could fill up, and the end of the connection never come. `hung_up`
 * is called under the mutex that hangups_forget takes: after that returns, the subject is not
 * touched any more. An event may still come for a socket's number that has been closed and given to
 * another connection meanwhile; then that one's wait ends early, which is an empty answer, and
 * correct. */

enum { HANGUPS_AHEAD_BYTES_MAX = 4096 };

struct hangups {
    pthread_t thread;
    int epoll;
    int stop; /* an eventfd */
    void (*hung_up)(void *subject);
    pthread_mutex_t mutex; /* of what follows */
    void **subjects;       /* by socket; NULL: not watched */
    size_t room;
};

/* Start the thread. `hung_up` is called on it, at most once for each hangups_watch.
 * Returns: 0, -EAGAIN (no thread or descriptor). */
MUST_CHECK int hangups_start(struct hangups *hangups, void (*hung_up)(void *subject));

/* Watch a socket until hangups_forget. Any thread.
 * Returns: 0, -ENOMEM (it is not watched). */
MUST_CHECK int hangups_watch(struct hangups *hangups, int socket, void *subject);

/* Stop watching a socket, watched or not. Any thread but the watching one. */
void hangups_forget(struct hangups *hangups, int socket);

/* End the thread; nothing may be watched. */
void hangups_stop(struct hangups *hangups);

#endif
