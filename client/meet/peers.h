/* Those whose T1, T2 or T3 was seen in a session, and what is still owed to each. */
#ifndef REUNION_MEET_PEERS_H
#define REUNION_MEET_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/id_table.h"
#include "base/limits.h"
#include "meet/transport.h"

/* DESIGN: everything arrives in any order and more than once. A peer exists from the first thing
 * seen of it and moves one way, UNSEEN to one of MET and INVALID; ABSENT returns to QUEUED should
 * its T1 be seen after all. Nothing here is secret. Memory is bounded: so many peers, so many
 * bodies of each. */

enum peer_state {
    PEER_UNSEEN,  /* only T3s of it were seen */
    PEER_WANTED,  /* a T2 came, its T1 is to be fetched */
    PEER_ABSENT,  /* its T1 cannot be had */
    PEER_QUEUED,  /* its T1 is to be worked through */
    PEER_MET,     /* the session knows its T1 */
    PEER_INVALID, /* its T1 is none */
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
    struct bodies t3s; /* kept until the session knows the T1 */
    TAILQ_ENTRY(peer) waiting;
};
TAILQ_HEAD(peer_queue, peer);

struct peers {
    struct id_table by_id;
    struct peer_queue wanted;
    struct peer_queue queued; /* in the order they are to be worked through */
};

void peers_init(struct peers *peers);

/* Release all peers; the table is empty and usable afterwards. */
void peers_clear(struct peers *peers);

/* The peer with this id, made if there is none.
 * Gives: 0; -ENOSPC (`limit` peers stand already), -ENOMEM. The peer stays the table's. */
MUST_CHECK int peers_get(struct peers *peers, const uint8_t id[static ID_BYTES], size_t limit,
                         struct peer **peer);

/* Mark that a peer's T1 must be fetched; for one in state UNSEEN. */
void peers_want(struct peers *peers, struct peer *peer);

/* Give up fetching a wanted peer's T1. */
void peers_give_up(struct peers *peers, struct peer *peer);

/* Queue a peer (UNSEEN, WANTED or ABSENT) with a copy of its T1, first or last.
 * Gives: 0, -ENOMEM (nothing changed). */
MUST_CHECK int peers_queue(struct peers *peers, struct peer *peer, const uint8_t *t1,
                           size_t t1_bytes, bool first);

/* How many are queued. */
size_t peers_queued(const struct peers *peers);

/* Put a queued peer first. */
void peers_hurry(struct peers *peers, struct peer *peer);

/* Take a queued peer out as MET or INVALID and release its T1. */
void peers_settle(struct peers *peers, struct peer *peer, enum peer_state state);

/* Keep a body unless it is there already; with `max` of them the oldest goes.
 * Gives: 0, -EEXIST, -ENOMEM. */
MUST_CHECK int bodies_add(struct bodies *bodies, const uint8_t body[static RECORD_BODY_BYTES],
                          size_t max);

/* Release them. */
void bodies_clear(struct bodies *bodies);

#endif
