/* Connections of the box transport: the handshake of each, then bytes in both directions. */
#ifndef REUNION_SERVER_BOX_TUNNEL_H
#define REUNION_SERVER_BOX_TUNNEL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "base/secret_pool.h"
#include "box/client_list.h"
#include "box/handshake.h"

/* DESIGN: inside a box stream runs HTTP/1.1, and the HTTP library serves it on one end of a
 * socketpair; what is here moves bytes between the other end (local) and the network. So a request
 * has the same parser, limits, deadlines, rates and metrics as without the box. The alternative,
 * the router called directly, would save two copies of each answer (some microseconds) and need a
 * second HTTP parser; the boxes cost more than that either way.
 *
 * A thread has an epoll instance and its tunnels; nothing here blocks, and nothing is locked but
 * the list of clients. Each direction holds one frame at most: while that one waits for its reader,
 * nothing more is read from its writer. Buffers belong to a tunnel only while something is in them,
 * so an idle one has none.
 *
 * Whatever fails in the handshake looks the same from outside: nothing is answered, input is read
 * and discarded, and the connection is closed at the handshake's deadline, also if the client has
 * ended its direction. After the handshake a frame that breaks a rule, or an end of the connection
 * without the end frame, closes both sides at once: the library finds its connection gone. When the
 * library has closed its end, the end frame is sent, and the client has TUNNEL_LINGER_MS to close,
 * so that no reset overtakes the answer.
 *
 * Tunnels with a deadline stand in queues by its kind; the spans are the same within a queue, so
 * each is in order. */

enum { TUNNEL_LINGER_MS = 2000 };

/* Who serves what is inside, and counts connections. Called on any thread of the tunnels'. */
struct tunnel_target {
    /* The end of a socketpair becomes the target's in any case. Returns: 0, or a negative code. */
    int (*serve)(void *context, int socket, const struct sockaddr *peer, socklen_t bytes);
    /* The handshake of this client is over, in success or not. */
    void (*greeted)(void *context, const struct sockaddr *peer);
    /* Its connection has ended altogether. */
    void (*ended)(void *context, const struct sockaddr *peer);
    void *context;
};

/* What is pointed to must outlive the tunnels. */
struct tunnels_settings {
    const struct box_identity *identity; /* the server's, in guarded memory */
    struct client_list *clients;         /* NULL: all are admitted */
    int64_t handshake_ms_max;            /* for a whole handshake */
    int64_t read_ms_max;                 /* for the client to read a frame */
    struct tunnel_target target;
    const struct clock_source *clock;
    const struct random_source *random;
};

enum tunnel_phase {
    TUNNEL_HELLO,   /* a Hello is to come */
    TUNNEL_VOUCH,   /* the Cookie was sent, a Vouch is to come */
    TUNNEL_REFUSED, /* the handshake has failed; input is discarded until its deadline */
    TUNNEL_OPEN,
    TUNNEL_LINGERS, /* all was sent; the client may still send */
    TUNNEL_CLOSED,
};

enum tunnel_queue {
    QUEUE_GREETING, /* until the handshake's deadline */
    QUEUE_READING,  /* a frame waits for the client */
    QUEUE_LINGERING,
    QUEUE_QUIET, /* without a deadline: the HTTP library has its own */
    TUNNEL_QUEUES,
};

struct tunnel;

struct tunnel_end {
    struct tunnel *tunnel;
    int fd; /* -1: closed */
    uint32_t watched;
};

/* In guarded memory. */
struct tunnel_secrets {
    struct box_server handshake;
    struct box_stream stream;
};

/* A frame on its way, and, from the network, what came behind it. */
struct tunnel_buffer {
    struct tunnel_buffer *next;
    size_t at, end;         /* of what is still to be opened or sent */
    const uint8_t *content; /* of an opened frame, still to be delivered */
    size_t content_bytes;
    uint8_t bytes[BOX_FRAME_BYTES_MAX];
};

struct tunnel {
    TAILQ_ENTRY(tunnel) siblings;
    struct tunnels *tunnels;
    enum tunnel_queue queue;
    enum tunnel_phase phase;
    int64_t due_ms;
    struct tunnel_end network, local;
    struct tunnel_secrets *secrets;
    struct tunnel_buffer *inward, *outward; /* NULL: nothing is on its way */
    bool network_ended;                     /* the client's direction */
    bool local_ended;                       /* the library's */
    bool local_deaf;                        /* the library reads no more */
    bool takes_over; /* the oldest handshake of the same thread ends for this one */
    uint8_t greeting_bytes;
    uint8_t greeting[BOX_VOUCH_BYTES]; /* the Hello or Vouch as far as it has come */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer;
    socklen_t peer_bytes;
};

TAILQ_HEAD(tunnel_list, tunnel);

/* Those of one thread. */
struct tunnels {
    const struct tunnels_settings *settings;
    int epoll;
    struct secret_pool secrets;
    struct tunnel_buffer *spare;
    size_t spare_count;
    struct tunnel_list queues[TUNNEL_QUEUES];
    struct tunnel_list closed; /* to be released when no event can name them any more */
    bool finishing;
};

/* Returns: 0, -EAGAIN (no descriptor). */
MUST_CHECK int tunnels_init(struct tunnels *tunnels, const struct tunnels_settings *settings);

/* Close all that are left, and release. */
void tunnels_free(struct tunnels *tunnels);

/* Make a tunnel for a connection, which does not block and becomes the tunnel's, from an internet
 * address; its deadline begins now. Any thread. Returns: it, or NULL (no memory; the connection is
 * the caller's). */
MUST_CHECK struct tunnel *tunnel_new(int connection, const struct sockaddr *peer, socklen_t bytes,
                                     int64_t due_ms);

/* What follows is for the tunnels' own thread. */

/* Take a new tunnel over; if that fails it is closed. */
void tunnels_adopt(struct tunnels *tunnels, struct tunnel *tunnel);

/* Something has happened at an end: `end` and `events` as epoll_wait on `epoll` tells them. */
void tunnels_event(struct tunnel_end *end, uint32_t events);

/* Close what is overdue. Returns: when there may be something to do again, on the monotonic clock;
 * INT64_MAX: only after an event. */
int64_t tunnels_expire(struct tunnels *tunnels);

/* After a batch of events: release what was closed. */
void tunnels_bury(struct tunnels *tunnels);

/* The server stops: break off handshakes, and tell the library that no request follows. Each tunnel
 * ends when its answers have been sent. */
void tunnels_finish(struct tunnels *tunnels);

bool tunnels_are_gone(const struct tunnels *tunnels);

#endif
