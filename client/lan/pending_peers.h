/* T1s that came and are not worked through yet: who is next, and when. */
#ifndef REUNION_LAN_PENDING_PEERS_H
#define REUNION_LAN_PENDING_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "lan/source.h"
#include "lan/token_bucket.h"
#include "reunion/reunion.h"

/* DESIGN: a T1 costs its sender nothing and us a group action. So work is shared out by hosts: each
 * has an allowance of its own, and the next T1 is of the host that has used least of it, its newest
 * first, as an older one is the likelier to be of somebody who left. All together have an allowance
 * as well, for those who make up addresses. Memory is bounded: so many hosts, the one not heard of
 * for longest gives way; so many T1s of each, the oldest gives way. For one thread. */

enum { NEWCOMERS_HOSTS = 128, NEWCOMERS_OF_HOST = 8 };

/* Many programs may run on one host; after them, one T1 in so long. */
extern const struct allowance_rate newcomers_rate_of_host, newcomers_rate_of_all;

struct newcomer {
    struct lan_source source;
    uint8_t id[REUNION_T1_ID_BYTES];
    bool is_reply; /* it came as an answer to one of our own */
    bool has_ours; /* our own is on its way to them already */
    uint8_t *t1;
    size_t t1_bytes;
    TAILQ_ENTRY(newcomer) older;
};
TAILQ_HEAD(newcomer_queue, newcomer);

struct newcomers_host {
    uint8_t host[LAN_HOST_BYTES];
    struct allowance allowance;
    struct newcomer_queue waiting; /* the newest first */
    size_t count;
    uint64_t heard; /* a number that grows with every T1 of anybody; 0: nobody stands here */
};

struct newcomers {
    struct newcomers_host hosts[NEWCOMERS_HOSTS];
    struct allowance all;
    uint64_t heard;
    size_t count; /* T1s waiting */
};

void newcomers_open(struct newcomers *newcomers);
void newcomers_close(struct newcomers *newcomers);

/* Let a T1 wait; bytes are copied. Returns: 0, -EEXIST (it waits already), -ENOMEM. */
MUST_CHECK int newcomers_add(struct newcomers *newcomers, const struct newcomer *newcomer);

/* The next to be worked through at that time, or NULL: nobody, or nobody yet.
 * Returns: the newcomer, the caller's, to be released with newcomer_free. */
struct newcomer *newcomers_take(struct newcomers *newcomers, int64_t now_ms);
void newcomer_free(struct newcomer *newcomer);

/* When there will be one to take; INT64_MAX: nobody waits. */
int64_t newcomers_ready_ms(const struct newcomers *newcomers);

/* Whether a T1 from that source waits. */
bool newcomers_has(const struct newcomers *newcomers, const struct lan_source *source);

#endif
