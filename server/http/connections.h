/* All open connections, and the deadlines for what their clients must send or receive. */
#ifndef REUNION_HTTP_CONNECTIONS_H
#define REUNION_HTTP_CONNECTIONS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "api/metrics.h"
#include "base/clock.h"
#include "base/err.h"
#include "http/canned.h"
#include "http/holders.h"

/* DESIGN: the HTTP library only knows for how long nothing has moved on a connection, and every
 * byte that trickles begins that anew. So whose turn it is, and until when, is kept here: the
 * connection's thread sets it, the sweep takes it away when its time is over, and one of the two is
 * first. Those whose client has the turn stand in a queue in the order in which it ends. The sweep
 * does not close, as the descriptor is the library's: it shuts down, and the library finds the
 * connection ended. The library tells of a connection's end before it closes the descriptor, and
 * all works under one mutex; so nobody else's connection that has got the same number is shut down.
 *
 * Where all places are taken, one more connection ends another one, so that nobody who just holds
 * places keeps others out: of the address that holds most, among those with a connection whose
 * client has a request to send, the one that has been at that longest, and rather one on which
 * nothing of a request has come. If there is none, an answer that is read for more than
 * CONNECTIONS_READ_MS_MIN gives way, of the address that holds most. Its place is free only when
 * the library has ended it; so there may be CONNECTIONS_ENDING_MAX places more for a moment.
 *
 * A connection that finds no place is answered here and never becomes the library's. It lingers a
 * little, as closing it at once could take the answer away from under a client that still sends. */

enum turn {
    TURN_SERVER, /* has a request to answer; no limit here */
    TURN_SEND,   /* the client has a request to send */
    TURN_READ,   /* the client has an answer to read */
    TURN_OVER,   /* none any more: it is shut down; connections.c alone sets it */
};

enum {
    CONNECTIONS_LINGERING_MAX = 64,
    CONNECTIONS_ENDING_MAX = 64,
    CONNECTIONS_READ_MS_MIN = 10000,
};

struct connection {
    TAILQ_ENTRY(connection) siblings; /* while its client has the turn */
    struct held held;
    int socket;
    enum turn turn;
    int64_t began_ms;  /* the turn, on the monotonic clock */
    uint64_t received; /* bytes, before its last answer; 0: there was none */
};
TAILQ_HEAD(connection_queue, connection);

struct connections_settings {
    size_t limit;
    int64_t send_ms_max; /* for a whole request, from the opening or the last answer's end */
    int64_t read_ms_max; /* for a whole answer */
    const struct clock_source *clock;
    struct metrics *metrics; /* NULL: nothing is counted */
};

struct lingering {
    int socket;
    int64_t until_ms;
};

struct connections {
    struct connections_settings settings;
    struct canned timeout, refusal;
    atomic_size_t taken;   /* places */
    pthread_mutex_t mutex; /* of what follows */
    size_t open_count;
    struct connection_queue sending, reading;
    struct holders holders;
    struct lingering lingering[CONNECTIONS_LINGERING_MAX];
    size_t lingering_count;
};

/* Returns: 0, -ENOMEM. */
MUST_CHECK int connections_init(struct connections *connections,
                                const struct connections_settings *settings);

/* Close what lingers and release; no connection may be open. */
void connections_free(struct connections *connections);

/* Take a place, before a connection is handed to the library; where all are taken, that of one that
 * is ended for it. Any thread.
 * Returns: 0, -ENOSPC (the limit is reached, and none can be ended). */
MUST_CHECK int connections_reserve(struct connections *connections);

/* Take one place more than there may be, for the server's own use. Any thread. */
void connections_reserve_anyway(struct connections *connections);

/* Give a place back. Any thread. */
void connections_release(struct connections *connections);

/* Tell a client that there is no place, and close; the socket becomes the connections'. Any
 * thread. */
void connections_refuse(struct connections *connections, int socket);

/* A connection of a client, told apart by a hash, begins, and its turn to send. It must stay until
 * connections_remove. Its own thread, as for all that names one connection. */
void connections_add(struct connections *connections, struct connection *connection, int socket,
                     uint64_t client);

/* It ends; its socket is still open. */
void connections_remove(struct connections *connections, struct connection *connection);

/* Now it is that one's turn, not TURN_OVER. Returns: 0, -ECANCELED (its time was over, and it is
 * shut down). */
MUST_CHECK int connection_turn(struct connections *connections, struct connection *connection,
                               enum turn turn);

/* Shut down what is overdue: a client that has sent a part of a request is told so first. One that
 * has sent nothing since its last answer is not, as it could take that for the answer to its next
 * request. Any thread.
 * Returns: when, on the monotonic clock, there may be something to do again. */
int64_t connections_sweep(struct connections *connections);

#endif
