/* One mix: datagrams in, batches of datagrams out. */
#ifndef REUNION_SERVER_MIX_NODE_H
#define REUNION_SERVER_MIX_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "box/handshake.h"
#include "daemon/datagrams.h"
#include "daemon/limiter.h"
#include "mix/tag_log.h"
#include "json/net_file.h"

/* Source: mix.md of the specification, "On the wire" and "Mixing".
 *
 * DESIGN: everything that leaves goes through the batch: packets for other mixes, requests to
 * servers, answers by SURB, deliveries to clients. A packet that is dropped is not answered, and
 * shows in nothing but a counter. Where a route names this mix twice in a row the packet is
 * unwrapped twice at once. Memory is taken at the start but for the replay table, which grows to
 * its limit. Before it is known whose a datagram is, it costs an X25519 for its session and two for
 * its header; new sessions of an address have a rate, but for the addresses of mixes. A packet of
 * kind 4 costs two dozen more, unless so many wait already that it is dropped. It opens no socket
 * and no file. One thread. */

/* What is counted. */
enum node_count {
    NODE_FORWARDED, /* packets for other mixes */
    NODE_REQUESTS,  /* to servers */
    NODE_ANSWERS,   /* of servers, that go back by SURB */
    NODE_DELIVERIES,
    NODE_DIVIDED,         /* packets of kind 4, each into GROUP_RECIPIENTS copies */
    NODE_COPIES,          /* for mailboxes, sent to servers for the first time */
    NODE_COPIES_REPEATED, /* sent again */
    NODE_COPIES_ANSWERED,
    NODE_COVER_TAKEN, /* packets of kind 3 */
    NODE_COVER_MADE,
    NODE_BATCHES,
    NODE_UNSENT,     /* datagrams that the system did not take */
    NODE_UNWRITTEN,  /* that did not leave, as tags could not be written */
    NODE_UNANSWERED, /* requests and copies to servers */
    NODE_DROP_SIZE,  /* dropped: no size that a packet has */
    NODE_DROP_UNREADABLE,
    NODE_DROP_RATE,   /* too many new sessions of its address */
    NODE_DROP_WINDOW, /* of a window that is not taken */
    NODE_DROP_REPLAY,
    NODE_DROP_FULL,    /* the replay table is */
    NODE_DROP_BUSY,    /* of kind 4: too many copies wait to leave */
    NODE_DROP_CONTENT, /* altered, or of a kind that is not carried out */
    NODE_DROP_NOWHERE, /* for a mix or server that is not in the net file, or an unknown client */
    NODE_COUNTS,
};

/* What is pointed to must outlive the node. */
struct node_settings {
    const struct box_identity *identity; /* in guarded memory */
    size_t batch, minimum;               /* datagrams; minimum <= batch */
    int64_t interval_ms;                 /* at least 1 */
    bool cover;                          /* a batch leaves at the end of each interval */
    size_t clients_max, requests_max, copies_max, tags_max;
    struct limiter_rules sessions; /* new ones of one address */
    void (*send)(void *context, struct datagrams *datagrams);
    void *context;
    const struct clock_source *clock;
    const struct random_source *random;
};

struct node;

/* Make a mix that knows the mixes and servers of `net`. Returns: 0, -ENOMEM. */
MUST_CHECK int node_new(struct node **node, const struct node_settings *settings,
                        const struct net_file *net);

/* Wipe and release; NULL is fine. */
void node_free(struct node *node);

/* The table that the node keeps tags in, for who opens a log of them. */
struct mix_replay *node_replay(struct node *node);

/* Write tags to a log before what they belong to leaves. It must outlive the node's use. */
void node_set_log(struct node *node, struct tag_log *log);

/* The sockets that datagrams for mixes and servers leave from, by version of IP; -1: there is
 * none. */
void node_set_sockets(struct node *node, int v4, int v6);

/* Know other mixes and servers from now on. Returns: 0, -ENOMEM (nothing is changed). */
MUST_CHECK int node_set_net(struct node *node, const struct net_file *net);

/* Whether this mix is in its net file. */
bool node_is_listed(const struct node *node);

/* Take a datagram that came. A full batch leaves. */
void node_take(struct node *node, const struct datagram *datagram);

/* Do what is due: after node_due_ms, and after datagrams. */
void node_tick(struct node *node);

/* When node_tick has something to do next, on the monotonic clock. */
int64_t node_due_ms(const struct node *node);

/* Have what waits leave now, as the mix stops; cover alone does not. */
void node_finish(struct node *node);

/* The system did not take datagrams that were sent. */
void node_note_unsent(struct node *node, size_t count);

/* The counter NODE_…, since node_new; tags that are kept; whether tags could be written the last
 * time. */
uint64_t node_count(const struct node *node, enum node_count which);
size_t node_tags(const struct node *node);
bool node_writes(const struct node *node);

#endif
