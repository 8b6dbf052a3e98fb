/* Limits on connections, waiting requests or bytes of answers per client address. */
#ifndef REUNION_DAEMON_CLIENT_COUNTS_H
#define REUNION_DAEMON_CLIENT_COUNTS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "daemon/client_address.h"

/* DESIGN: a hash table with open addressing and linear probing, from an address to its count. An
 * address is kept as its SipHash alone, under a key made at start, and only as long as its count is
 * not 0. All that there may be in sum has a limit elsewhere, so the table never fills. Addresses of
 * version 6 count as their networks of 64 bits, and again, together, as those of 48 bits, which may
 * have COUNTS_WIDE times as many. */

enum { COUNTS_WIDE = 4 };

struct client_count {
    uint64_t client; /* its hash; 0: nobody */
    uint64_t count;
};

struct client_counts {
    uint64_t limit; /* of one address; 0: no limit, and nothing is counted */
    uint8_t hash_key[CLIENT_HASH_KEY_BYTES];
    pthread_mutex_t mutex; /* of the slots */
    struct client_count *slots;
    size_t slot_count; /* a power of two */
};

/* Make room for `total` takes at once, of all clients in sum.
 * Returns: 0, -ENOMEM. */
MUST_CHECK int client_counts_init(struct client_counts *counts, uint64_t limit, size_t total,
                                  const struct random_source *random);
void client_counts_free(struct client_counts *counts);

/* Count `amount` more, at least 1. An address or network that has nothing may have any amount, so
 * that nobody is refused for good what is larger than a share. Any thread.
 * Returns: 0 (to be given back), -EDQUOT (the address, or its network, has its share). */
MUST_CHECK int client_counts_take(struct client_counts *counts, const struct client_address *client,
                                  uint64_t amount);

/* Count `amount` less of an address of which as much was taken at once. Any thread. */
void client_counts_give(struct client_counts *counts, const struct client_address *client,
                        uint64_t amount);

#endif
