/* Rate limiter: a token bucket per client address, in a table of fixed size. */
#ifndef REUNION_DAEMON_LIMITER_H
#define REUNION_DAEMON_LIMITER_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "daemon/client_address.h"

/* DESIGN: an address is kept as its SipHash alone, under a key made at start, and only until its
 * bucket is full again: such a bucket tells nothing, so it is forgotten by the next sweep, or when
 * its place is needed. A bucket is one number, the time at which it will be full (the generic cell
 * rate algorithm, ITU-T I.371). An address has a few places it may stand in; where all of them are
 * taken by others whose buckets are not full, it takes over the one that is nearest to it, with the
 * tokens left there. So however many addresses there are, all together are let through no more
 * often than the table has places for, and nobody can win tokens by pushing others out. */

enum { LIMITER_WAYS = 8 };

struct limiter_rules {
    uint32_t per_minute;  /* tokens; 0: no limit */
    uint32_t burst;       /* at once, at least 1 */
    uint32_t wide_factor; /* so many times that of a network of 48 bits of version 6; 0: any */
    uint32_t clients_max; /* places, at least 1; rounded up to a power of two, and LIMITER_WAYS */
};

struct limiter_slot {
    uint64_t client; /* its hash; 0: nobody */
    int64_t full_us; /* when its bucket is full */
};

struct limiter {
    struct limiter_rules rules;
    uint8_t hash_key[CLIENT_HASH_KEY_BYTES];
    pthread_mutex_t mutex; /* of the places */
    struct limiter_slot *slots;
    size_t slot_count;
};

/* Returns: 0, -ENOMEM. */
MUST_CHECK int limiter_init(struct limiter *limiter, const struct limiter_rules *rules,
                            const struct random_source *random);
void limiter_free(struct limiter *limiter);

/* The keyed hash by which a client is told apart, never 0. Any thread. */
uint64_t limiter_hash(const struct limiter *limiter, const struct client_address *client);

/* Take some tokens of a client's at `now_ms`, of a clock that never steps back; as many as there
 * may be at once count as more than that. Any thread.
 * Returns: 0, -EAGAIN (there are not so many, none is taken; in `*retry_s` seconds there will be).
 */
MUST_CHECK int limiter_take(struct limiter *limiter, const struct client_address *client,
                            uint32_t tokens, int64_t now_ms, uint32_t *retry_s);

/* Forget all whose buckets are full. Any thread. */
void limiter_sweep(struct limiter *limiter, int64_t now_ms);

#endif
