/* Requests that come in packets: opened, counted, handed to the ops, answered. */
#ifndef REUNION_SERVER_BOX_PACKET_CALLS_H
#define REUNION_SERVER_BOX_PACKET_CALLS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buffered_random.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "box/handshake.h"
#include "box/key_cache.h"
#include "daemon/client_counts.h"
#include "daemon/datagrams.h"
#include "daemon/rates.h"
#include "ops/call.h"

/* DESIGN: all of it happens on the thread of the packets but for `resume`, by which other threads
 * hand a call back: the service's writer when a post is committed, and whichever thread wakes a
 * feed. They append it to a list and wake the thread by an eventfd. So they wait for no cipher and
 * no system call on behalf of a client, and keys are one thread's.
 *
 * Work is bounded before it is known whose it is: a datagram of another size costs nothing; one of
 * a session whose key is not kept costs an X25519, so each address has a rate of these, and beyond
 * it they are dropped; one that does not open costs a MAC. What opens has the rates that requests
 * have over HTTP. Nothing is remembered of a request but while it waits, and those that wait have
 * limits, of all and of each address. An answer is as long as its request. */

enum packet_drop {
    PACKET_DROP_SIZE,       /* no datagram of a request has it */
    PACKET_DROP_UNREADABLE, /* it does not open, or has no length that it may have */
    PACKET_DROP_RATE,       /* too many new sessions of its address */
    PACKET_DROP_OP,         /* an op that is never answered */
    PACKET_DROP_ROOM,       /* no memory */
    PACKET_DROP_UNSENT,     /* an answer that the system did not take */
    PACKET_DROPS,
};

/* Which limit an answer reports, with OP_NOT_NOW. */
enum packet_limit {
    PACKET_LIMIT_NONE,
    PACKET_LIMIT_RATE,
    PACKET_LIMIT_WAITING, /* feeds */
    PACKET_LIMIT_POSTS,   /* under way */
};

/* Who counts what was done. Called on the packets' thread. */
struct packet_counter {
    void (*answered)(void *context, enum op op, enum op_status status, enum packet_limit limit);
    void (*dropped)(void *context, enum packet_drop drop);
    void *context;
};

enum {
    PACKET_KEYS_MAX = 4096,  /* kept for sessions of which no request is under way */
    PACKET_POSTS_MAX = 4096, /* that wait for their commit at once … */
    PACKET_POSTS_PART = 8,   /* … and what part of them one address may have */
    PACKET_STAMPS_MAX = 64, /* stamps that wait to be checked: connections have to wait for these */
};

/* What is pointed to must outlive the calls. */
struct packet_calls_settings {
    const struct box_identity *identity; /* the server's, in guarded memory */
    const struct ops *ops;
    struct rates *rates;           /* of requests; for packets alone, as addresses can be forged */
    struct limiter_rules sessions; /* new ones of one address */
    uint32_t client_waits_max;     /* feeds of one address that wait; 0: no limit */
    size_t waits_max;              /* in sum */
    struct packet_counter counter;
    const struct clock_source *clock;
    const struct random_source *random;
};

/* A request under way. */
struct packet_call {
    struct ops_call ops;
    struct packet_calls *calls;
    struct cached_key *key;
    struct datagram_path path;
    size_t datagram_bytes;
    uint8_t a[BOX_PACKET_A_BYTES];
    bool has_client; /* whose requests are limited … */
    struct client_address client;
    bool waits;                       /* among those that wait */
    bool is_stamped;                  /* among those whose stamp is checked, while it waits */
    enum packet_limit limit;          /* that its answer reports */
    TAILQ_ENTRY(packet_call) feeds;   /* of its key */
    STAILQ_ENTRY(packet_call) others; /* resumed, or spare */
};

STAILQ_HEAD(packet_call_queue, packet_call);

struct packet_calls {
    struct packet_calls_settings settings;
    struct key_cache keys;
    struct limiter sessions;
    struct client_counts client_waits, client_posts;
    size_t waiting, posting, stamped; /* calls; the last are among the second */
    struct packet_call_queue spare;
    size_t spare_count;
    struct datagrams answers;     /* to be sent */
    struct buffered_random drawn; /* for answers' b, which is sent */
    struct ops_answer answer;     /* the one that is being made */
    int wake;                     /* an eventfd, the owner's */
    pthread_mutex_t mutex;        /* of what follows */
    struct packet_call_queue resumed;
};

/* `wake` is an eventfd that is written when packet_calls_finish has something to do. Returns: 0,
 * -ENOMEM; it is for packet_calls_free in any case. */
MUST_CHECK int packet_calls_init(struct packet_calls *calls,
                                 const struct packet_calls_settings *settings, int wake);

/* Release; none may be under way. */
void packet_calls_free(struct packet_calls *calls);

/* Take a datagram that came. */
void packet_calls_take(struct packet_calls *calls, const struct datagram *datagram);

/* Go on with those that were resumed. */
void packet_calls_finish(struct packet_calls *calls);

/* Send the answers that are there. */
void packet_calls_send(struct packet_calls *calls);

/* How many wait. */
size_t packet_calls_under_way(const struct packet_calls *calls);

/* Forget the addresses whose rates are full. */
void packet_calls_sweep(struct packet_calls *calls);

#endif
