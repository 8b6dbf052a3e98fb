/* Copies of divided messages on their way into mailboxes, until their server has answered. */
#ifndef REUNION_SERVER_MIX_DELIVERIES_H
#define REUNION_SERVER_MIX_DELIVERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/random.h"
#include "box/packet.h"
#include "group/delivery.h"
#include "mix/surb.h"

/* Source: groups.md of the specification, "Sending".
 *
 * DESIGN: a packet of kind 4 becomes GROUP_RECIPIENTS deliveries, requests of 1232 bytes with a
 * session (EC) of their own. Each draws in which of the next DELIVERY_ROUNDS batches it leaves, so
 * they leave over a while. One that is not answered draws again, after 1, 2, 4 … s, with the same
 * body and a new a, at most DELIVERY_TRIES times: so a packet leads to no more than
 * DELIVERY_TRIES * GROUP_RECIPIENTS datagrams of its own size, and only to a server that does not
 * answer. Answers are found by their a, in a hash table under a key of its own (SipHash), and
 * count if they open and come from the server.
 *
 * All memory is taken at the start, session keys guarded. When it is full, those that were sent
 * and wait longest make room; those that have not left yet never do: then a packet is refused
 * before it costs a seal. One thread. */

enum {
    DELIVERY_ROUNDS = 4,
    DELIVERY_TRIES = 7,
    DELIVERY_PAUSE_MS = 1000, /* after the first try; twice as long after each further one */
};

TAILQ_HEAD(delivery_queue, delivery);

struct delivery {
    struct mix_endpoint server;
    uint8_t a[BOX_PACKET_A_BYTES]; /* of the newest try */
    uint8_t body[GROUP_DELIVERY_BYTES];
    uint64_t number;
    unsigned tries;
    int64_t due_ms;               /* of one in `sent`: when it is sent again, or given up */
    struct delivery_queue *queue; /* that it is in; those in `sent` are found by their a */
    LIST_ENTRY(delivery) by_a;
    TAILQ_ENTRY(delivery) order;
};

LIST_HEAD(delivery_chain, delivery);

struct deliveries {
    struct delivery *items;
    struct box_packet_key *keys; /* of each item */
    struct delivery_chain *by_a;
    size_t count, chain_count; /* the latter a power of two */
    uint8_t hash_key[16];
    struct delivery_queue spare, sent; /* of the latter the one sent longest ago is first */
    struct delivery_queue waiting[DELIVERY_ROUNDS]; /* by the batch in which they leave */
    size_t round;                                   /* that of the current batch */
    size_t spare_count, sent_count;
    uint64_t numbers, kept; /* the last number; the last one whose packet's tag is kept */
};

/* At most `count` (at least GROUP_RECIPIENTS) deliveries. Returns: 0, -ENOMEM; in any case it is
 * for deliveries_free. */
MUST_CHECK int deliveries_init(struct deliveries *deliveries, size_t count,
                               const struct random_source *random);

/* Wipe and release. Zeros are fine. */
void deliveries_free(struct deliveries *deliveries);

/* Make the deliveries of a message; `random` makes keys.
 * Returns: 0, -ENOSPC (too many wait to leave), -EBADMSG (a key has small order). */
MUST_CHECK int deliveries_divide(struct deliveries *deliveries,
                                 const struct group_division *division,
                                 const struct random_source *random);

/* The next one that leaves in this batch, or NULL. */
struct delivery *deliveries_due(const struct deliveries *deliveries);

/* Make the datagram of one that is due, and await the answer; `random` is for what is sent.
 * Returns: whether it is its first try. */
bool deliveries_send(struct deliveries *deliveries, struct delivery *delivery,
                     uint8_t datagram[static BOX_PACKET_BYTES], int64_t now_ms,
                     const struct random_source *random);

/* Give one up. */
void deliveries_forget(struct deliveries *deliveries, struct delivery *delivery);

/* Another batch begins. */
void deliveries_next_round(struct deliveries *deliveries);

/* The tags of all packets so far are kept; or those since the last time that they were may be
 * lost, and what they led to must not leave: it is forgotten. */
void deliveries_keep(struct deliveries *deliveries);
void deliveries_take_back(struct deliveries *deliveries);

/* Have those that were not answered in time leave again, and give up those that were sent
 * DELIVERY_TRIES times. Returns: how many are given up. */
size_t deliveries_repeat(struct deliveries *deliveries, int64_t now_ms,
                         const struct random_source *random);

enum deliveries_answer {
    DELIVERIES_NO_ANSWER, /* it answers no delivery, or does not open */
    DELIVERIES_ANSWERED,  /* whatever became of it: the delivery is forgotten */
    DELIVERIES_NOT_NOW,   /* it is to be sent again, not before the server likes */
};

/* Take a datagram that may be an answer. */
enum deliveries_answer deliveries_take_answer(struct deliveries *deliveries,
                                              const uint8_t datagram[static BOX_PACKET_BYTES],
                                              const struct mix_endpoint *from, int64_t now_ms);

#endif
