/* T1s that wait to be worked through, in a fair order of their hosts. */
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

/* DESIGN: a T1 costs its sender nothing and us a group action. So work is shared out by host.
 * Each host has a token bucket, and the next T1 is one of the host that has used the least of
 * its bucket: that host's newest T1, as the sender of an older one has more likely left. A token
 * bucket for all hosts together limits senders with made-up addresses. Memory is bounded: a
 * maximum of hosts, where the host that was silent longest is dropped, and a maximum of T1s per
 * host, where the oldest is dropped. For one thread. */

enum { PENDING_HOSTS = 128, PENDING_OF_HOST = 8 };

/* Many programs may run on one host; after them, one T1 in so long. */
extern const struct token_bucket_rate pending_rate_of_host, pending_rate_of_all;

struct pending_peer {
    struct lan_source source;
    uint8_t id[REUNION_T1_ID_BYTES];
    bool is_reply; /* it came as an answer to one of our own */
    bool has_ours; /* our own is on its way to them already */
    uint8_t *t1;
    size_t t1_bytes;
    TAILQ_ENTRY(pending_peer) older;
};
TAILQ_HEAD(pending_queue, pending_peer);

struct pending_host {
    uint8_t host[LAN_HOST_BYTES];
    struct token_bucket bucket;
    struct pending_queue waiting; /* the newest first */
    size_t count;
    uint64_t heard; /* a number that grows with every T1 of anybody; 0: nobody stands here */
};

struct pending_peers {
    struct pending_host hosts[PENDING_HOSTS];
    struct token_bucket all;
    uint64_t heard;
    size_t count; /* T1s waiting */
};

void pending_peers_open(struct pending_peers *pending_peers);
void pending_peers_close(struct pending_peers *pending_peers);

/* Let a T1 wait; bytes are copied. Returns: 0, -EEXIST (it waits already), -ENOMEM. */
MUST_CHECK int pending_peers_add(struct pending_peers *pending_peers,
                                 const struct pending_peer *pending_peer);

/* The next to be worked through at that time, or NULL: nobody, or nobody yet.
 * Returns: the pending peer, the caller's, to be released with pending_peer_free. */
struct pending_peer *pending_peers_take(struct pending_peers *pending_peers, int64_t now_ms);
void pending_peer_free(struct pending_peer *pending_peer);

/* When there will be one to take; INT64_MAX: nobody waits. */
int64_t pending_peers_ready_ms(const struct pending_peers *pending_peers);

/* Whether a T1 from that source waits. */
bool pending_peers_has(const struct pending_peers *pending_peers, const struct lan_source *source);

#endif
