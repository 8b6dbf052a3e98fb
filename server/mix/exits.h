/* What an exit awaits from servers: for each request the SURB that its answer goes back by. */
#ifndef REUNION_SERVER_MIX_EXITS_H
#define REUNION_SERVER_MIX_EXITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/random.h"
#include "box/packet.h"
#include "mix/surb.h"

/* DESIGN: found by the request's a, which its answer begins with, in a hash table under a key of
 * its own (SipHash), as clients choose it. An answer counts if it comes from the server that was
 * asked, once, and within EXIT_MS. All memory is taken at the start, guarded, as a SURB has a key;
 * when it is full, the request that has waited longest goes. One thread. */

enum { EXIT_MS = 75000 };

struct awaited_answer {
    uint8_t a[BOX_PACKET_A_BYTES];
    struct mix_endpoint server;
    uint8_t surb[MIX_SURB_BYTES];
    int64_t until_ms;
    LIST_ENTRY(awaited_answer) by_a;
    TAILQ_ENTRY(awaited_answer) age; /* or, of one that is free, the next such one */
};

LIST_HEAD(awaited_chain, awaited_answer);
TAILQ_HEAD(awaited_queue, awaited_answer);

struct exits {
    struct awaited_answer *items;
    struct awaited_chain *by_a;
    size_t count, chain_count; /* the latter a power of two */
    uint8_t hash_key[16];
    struct awaited_queue spare, used; /* of the latter the one that waits longest is first */
};

/* At most `count` (at least 1) requests. Returns: 0, -ENOMEM; in any case it is for exits_free. */
MUST_CHECK int exits_init(struct exits *exits, size_t count, const struct random_source *random);

/* Wipe and release. Zeros are fine. */
void exits_free(struct exits *exits);

/* Await the answer to a request. Returns: 0, -EEXIST (another request with this a is under way). */
MUST_CHECK int exits_add(struct exits *exits, const struct mix_exit *request, int64_t now_ms);

/* Take the SURB for an answer with this a that came from there, and forget the request.
 * Returns: whether there is one; else `surb` is untouched. */
bool exits_take(struct exits *exits, uint8_t surb[static MIX_SURB_BYTES],
                const uint8_t a[static BOX_PACKET_A_BYTES], const struct mix_endpoint *from);

/* Forget those that have waited for EXIT_MS. Returns: how many. */
size_t exits_forget(struct exits *exits, int64_t now_ms);

#endif
