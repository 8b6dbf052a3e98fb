/* Rate limits for each kind of request, per client address and in total. */
#ifndef REUNION_DAEMON_RATES_H
#define REUNION_DAEMON_RATES_H

#include "daemon/limiter.h"

/* DESIGN: T1s, private links, new mailboxes, deliveries and everything else have token buckets of
 * their own, so that whoever uses up one kind, or shares an address with somebody who does, still
 * has the others. The lists of the reference's endpoints take milliseconds each to make, so they
 * need a token of RATE_LIST besides that of RATE_OTHER. */

enum { RATES_WIDE_FACTOR = 4 }; /* what a network of 48 bits of version 6 has of one of 64 */

enum rate_kind {
    RATE_T1,
    RATE_LINK,
    RATE_LIST,
    RATE_MAILBOX, /* their opening */
    RATE_DELIVERY,
    RATE_OTHER,
    RATE_KINDS
};

struct rates_rules {
    struct limiter_rules client[RATE_KINDS]; /* of one address */
    uint32_t all_per_minute[RATE_KINDS];     /* of all together, as many at once; 0: no limit */
};

struct rates {
    struct limiter client[RATE_KINDS], all[RATE_KINDS];
};

/* Returns: 0, -ENOMEM. */
MUST_CHECK int rates_init(struct rates *rates, const struct rates_rules *rules,
                          const struct random_source *random);
void rates_free(struct rates *rates);

/* The keyed hash by which a client is told apart, never 0. Any thread. */
uint64_t rates_client_hash(const struct rates *rates, const struct client_address *client);

/* Take `tokens` of a kind at `now_ms` of the monotonic clock; `client` is NULL for whom no address
 * is known, or who is not limited. Any thread.
 * Returns: 0, -EAGAIN (in `*retry_s` seconds there will be enough). */
MUST_CHECK int rates_take(struct rates *rates, enum rate_kind kind, uint32_t tokens,
                          const struct client_address *client, int64_t now_ms, uint32_t *retry_s);

/* Forget all addresses whose token buckets are full. Any thread. */
void rates_sweep(struct rates *rates, int64_t now_ms);

#endif
