/* The peers seen in a session: the state of each, and queues of work. */
#ifndef REUNION_SESSION_PEERS_H
#define REUNION_SESSION_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id_table.h"
#include "session/work_queue.h"
#include "transport/transport.h"
#include "wire/sizes.h"

/* DESIGN: everything may arrive in any order and more than once. A peer is created by the first
 * thing seen of it. Its state moves in one direction, from UNSEEN to MET or INVALID; ABSENT
 * returns to QUEUED if its T1 is seen after all. Nothing here is secret. Memory is bounded: a
 * maximum of peers, and of bodies for each. work_queue.h decides which peer is next in a queue. */

enum peer_state {
    PEER_UNSEEN,  /* only T3s of it were seen */
    PEER_WANTED,  /* a T2 came, its T1 is to be fetched */
    PEER_ABSENT,  /* its T1 cannot be had */
    PEER_QUEUED,  /* its T1 is to be worked through */
    PEER_MET,     /* the session knows its T1 */
    PEER_INVALID, /* its T1 is none */
};

/* Where a T1 waits to be worked through. The first is served beside the others, as it costs no
 * computation; the others take turns, so that no flood of one kind is in the way of another. */
enum peer_queue {
    PEER_QUEUE_FREE,
    PEER_QUEUE_NAMED, /* of the bucket the user named */
    PEER_QUEUE_ASKED, /* their T2 waits for our answer */
    PEER_QUEUE_REST,
    PEER_QUEUES,
};

enum { PEER_T2S_MAX = 256, PEER_T3S_MAX = 64 };

/* The bodies of T2s or T3s of one peer, each once; the oldest makes room. */
struct bodies {
    uint8_t (*body)[RECORD_BODY_BYTES];
    size_t count;
    size_t settled; /* the first so many have been answered */
};

struct peer {
    uint8_t id[ID_BYTES];
    enum peer_state state;
    bool has_place;
    struct transport_place place;
    uint8_t *t1; /* while queued */
    size_t t1_bytes;
    struct bodies t2s;
    struct bodies t3s;            /* kept until the session knows the T1 */
    struct transport_stamp stamp; /* as it was told; zeros: none */
    bool proven;                  /* the stamp was checked, and its effort is what it is worth */
    unsigned class;               /* what its T1 paid, as far as that is known */
    enum peer_queue queue;        /* while queued */
    bool taken;                   /* queued, but taken out to be worked through */
    struct work_item waiting;
};

struct peers {
    struct id_table by_id;
    struct work_queue wanted;
    struct work_queue queued[PEER_QUEUES];
    enum peer_queue turn; /* the queue that is asked next */
};

void peers_init(struct peers *peers);

/* Release all peers; the table is empty and usable afterwards. */
void peers_clear(struct peers *peers);

/* The peer with this id, made if there is none.
 * Returns: 0; -ENOSPC (`limit` peers stand already), -ENOMEM. The peer stays the table's. */
MUST_CHECK int peers_get(struct peers *peers, const uint8_t id[static ID_BYTES], size_t limit,
                         struct peer **peer);

/* Mark that a peer's T1 must be fetched; for one in state UNSEEN. Returns: 0, -ENOMEM. */
MUST_CHECK int peers_want(struct peers *peers, struct peer *peer);

/* The next whose T1 is to be fetched, or NULL. */
struct peer *peers_next_wanted(struct peers *peers, const struct random_source *random);

/* Give up fetching a wanted peer's T1. */
void peers_give_up(struct peers *peers, struct peer *peer);

/* Queue a peer (UNSEEN, WANTED or ABSENT) with a copy of its T1.
 * Returns: 0, -ENOMEM (nothing changed). */
MUST_CHECK int peers_queue(struct peers *peers, struct peer *peer, const uint8_t *t1,
                           size_t t1_bytes, enum peer_queue queue);

/* How many are queued. */
size_t peers_queued(const struct peers *peers);

/* Let a queued peer wait in another queue. Returns: 0, -ENOMEM (it stays where it is). */
MUST_CHECK int peers_move(struct peers *peers, struct peer *peer, enum peer_queue queue);

/* Note what a peer's T1 paid, below WORK_CLASSES. Returns: 0, -ENOMEM (nothing changed). */
MUST_CHECK int peers_rank(struct peers *peers, struct peer *peer, unsigned class);

/* Take out the next to be worked through: one that costs nothing, or else one of the others, of
 * `class_min` or higher; NULL: there is none. It is to be settled or put back. */
struct peer *peers_take_free(struct peers *peers, const struct random_source *random);
struct peer *peers_take(struct peers *peers, unsigned class_min,
                        const struct random_source *random);
void peers_put_back(struct peers *peers, struct peer *peer);

/* A peer that was taken becomes MET or INVALID; its T1 is released. */
void peers_settle(struct peer *peer, enum peer_state state);

/* Keep a body unless it is there already; with `max` of them the oldest goes.
 * Returns: 0, -EEXIST, -ENOMEM. */
MUST_CHECK int bodies_add(struct bodies *bodies, const uint8_t body[static RECORD_BODY_BYTES],
                          size_t max);

/* Release them. */
void bodies_clear(struct bodies *bodies);

#endif
