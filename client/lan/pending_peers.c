#include "lan/pending_peers.h"

#include <stdlib.h>
#include <string.h>

const struct token_bucket_rate pending_rate_of_host = {8, 4000}, pending_rate_of_all = {64, 100};

void pending_peers_open(struct pending_peers *pending_peers)
{
    *pending_peers = (struct pending_peers){.heard = 0};
    for (size_t i = 0; i < PENDING_HOSTS; i++)
        TAILQ_INIT(&pending_peers->hosts[i].waiting);
}

void pending_peer_free(struct pending_peer *pending_peer)
{
    if (pending_peer)
        free(pending_peer->t1);
    free(pending_peer);
}

static void remove_pending(struct pending_peers *pending_peers, struct pending_host *host,
                           struct pending_peer *pending_peer)
{
    TAILQ_REMOVE(&host->waiting, pending_peer, older);
    host->count--;
    pending_peers->count--;
}

static void drop_oldest(struct pending_peers *pending_peers, struct pending_host *host)
{
    struct pending_peer *oldest = TAILQ_LAST(&host->waiting, pending_queue);
    remove_pending(pending_peers, host, oldest);
    pending_peer_free(oldest);
}

void pending_peers_close(struct pending_peers *pending_peers)
{
    for (size_t i = 0; i < PENDING_HOSTS; i++)
        while (pending_peers->hosts[i].count > 0)
            drop_oldest(pending_peers, &pending_peers->hosts[i]);
}

/* The host's entry, made at the cost of whoever was not heard of for longest. */
static struct pending_host *host_of(struct pending_peers *pending_peers,
                                    const struct lan_source *source)
{
    struct pending_host *quietest = pending_peers->hosts;
    for (size_t i = 0; i < PENDING_HOSTS; i++) {
        struct pending_host *host = &pending_peers->hosts[i];
        if (host->heard > 0 && memcmp(host->host, source->host, LAN_HOST_BYTES) == 0)
            return host;
        if (host->heard < quietest->heard)
            quietest = host;
    }
    while (quietest->count > 0)
        drop_oldest(pending_peers, quietest);
    memcpy(quietest->host, source->host, LAN_HOST_BYTES);
    quietest->bucket = (struct token_bucket){0};
    return quietest;
}

static struct pending_peer *copy(const struct pending_peer *pending_peer)
{
    struct pending_peer *copied = malloc(sizeof *copied);
    uint8_t *t1 = malloc(pending_peer->t1_bytes);
    if (!copied || !t1) {
        free(copied);
        free(t1);
        return NULL;
    }
    *copied = *pending_peer;
    copied->t1 = t1;
    memcpy(t1, pending_peer->t1, pending_peer->t1_bytes);
    return copied;
}

int pending_peers_add(struct pending_peers *pending_peers, const struct pending_peer *pending_peer)
{
    struct pending_host *host = host_of(pending_peers, &pending_peer->source);
    struct pending_peer *each;
    host->heard = ++pending_peers->heard;
    TAILQ_FOREACH(each, &host->waiting, older)
    if (lan_source_same(&each->source, &pending_peer->source) &&
        memcmp(each->id, pending_peer->id, sizeof each->id) == 0)
        return -EEXIST;
    struct pending_peer *added = copy(pending_peer);
    if (!added)
        return -ENOMEM;
    if (host->count == PENDING_OF_HOST)
        drop_oldest(pending_peers, host);
    TAILQ_INSERT_HEAD(&host->waiting, added, older);
    host->count++;
    pending_peers->count++;
    return 0;
}

/* Whose turn it is: who has used least; among such, who was heard last. Returns: the number of the
 * host, or PENDING_HOSTS where nobody waits. */
static size_t next_host(const struct pending_peers *pending_peers)
{
    size_t next = PENDING_HOSTS;
    for (size_t i = 0; i < PENDING_HOSTS; i++) {
        const struct pending_host *host = &pending_peers->hosts[i];
        const struct pending_host *best = &pending_peers->hosts[next % PENDING_HOSTS];
        int64_t spent = host->bucket.spent_until_ms, least = best->bucket.spent_until_ms;
        if (host->count > 0 && (next == PENDING_HOSTS || spent < least ||
                                (spent == least && host->heard > best->heard)))
            next = i;
    }
    return next;
}

struct pending_peer *pending_peers_take(struct pending_peers *pending_peers, int64_t now_ms)
{
    size_t next = next_host(pending_peers);
    if (next == PENDING_HOSTS || pending_peers_ready_ms(pending_peers) > now_ms)
        return NULL;
    struct pending_host *host = &pending_peers->hosts[next];
    INVARIANT(token_bucket_take(&host->bucket, &pending_rate_of_host, now_ms));
    INVARIANT(token_bucket_take(&pending_peers->all, &pending_rate_of_all, now_ms));
    struct pending_peer *newest = TAILQ_FIRST(&host->waiting);
    remove_pending(pending_peers, host, newest);
    return newest;
}

int64_t pending_peers_ready_ms(const struct pending_peers *pending_peers)
{
    size_t next = next_host(pending_peers);
    if (next == PENDING_HOSTS)
        return INT64_MAX;
    int64_t of_host =
        token_bucket_ready_ms(&pending_peers->hosts[next].bucket, &pending_rate_of_host);
    int64_t of_all = token_bucket_ready_ms(&pending_peers->all, &pending_rate_of_all);
    return of_host > of_all ? of_host : of_all;
}

bool pending_peers_has(const struct pending_peers *pending_peers, const struct lan_source *source)
{
    for (size_t i = 0; i < PENDING_HOSTS; i++) {
        const struct pending_peer *each;
        TAILQ_FOREACH(each, &pending_peers->hosts[i].waiting, older)
        if (lan_source_same(&each->source, source))
            return true;
    }
    return false;
}
