/* Which client address holds how many connections, and which of those are idle. */
#ifndef REUNION_HTTP_HOLDERS_H
#define REUNION_HTTP_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"

/* DESIGN: a hash table with chains, from a client to what it holds. Holders that have an idle
 * connection stand in a list of those that hold as many as they do, the one that did something last
 * behind the others; so the first one of the highest list is found without a search. Each has its
 * idle connections in the order in which they became so. Whoever calls has a lock. */

struct holder;

/* One connection's part; zeros before holders_add. */
struct held {
    TAILQ_ENTRY(held) siblings; /* while idle */
    struct holder *holder;      /* NULL: counted for nobody */
    bool idle;
};
TAILQ_HEAD(held_list, held);

LIST_HEAD(holder_chain, holder);
TAILQ_HEAD(holder_list, holder);

struct holders {
    struct holder_chain *chains;
    size_t chain_count;        /* a power of two */
    struct holder_list *equal; /* holders with idle ones, by how many connections they hold */
    size_t count_max;          /* who holds more stands with those that hold so many */
    size_t top;                /* above it the lists are empty */
};

/* Make room to tell clients with up to `count_max` connections apart, at least 1.
 * Returns: 0, -ENOMEM. */
MUST_CHECK int holders_init(struct holders *holders, size_t count_max);

/* Nothing may be held. */
void holders_free(struct holders *holders);

/* A client, by its hash, has one more connection, which is idle and stays where it is until
 * holders_remove.
 * Returns: 0, -ENOMEM (it counts for nobody; the other functions do nothing with it). */
MUST_CHECK int holders_add(struct holders *holders, struct held *held, uint64_t client);

/* A connection counts no more; once more is fine. */
void holders_remove(struct holders *holders, struct held *held);

/* A connection becomes idle, as the last of its client's, or is so no more. */
void holders_set_idle(struct holders *holders, struct held *held, bool idle);

/* How many connections the client of this one holds; 0: it counts for nobody. */
size_t holders_count(const struct held *held);

/* Returns: of the client that holds most, among those that have idle ones, the connection that has
 * been idle longest, the next ones behind it in `siblings`; NULL: none is idle. */
struct held *holders_first_idle(struct holders *holders);

#endif
