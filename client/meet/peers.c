#include "meet/peers.h"

#include <stdlib.h>
#include <string.h>

void peers_init(struct peers *peers)
{
    id_table_open(&peers->by_id);
    TAILQ_INIT(&peers->wanted);
    TAILQ_INIT(&peers->queued);
}

void peers_clear(struct peers *peers)
{
    size_t place = 0;
    struct peer *peer;
    while ((peer = id_table_next(&peers->by_id, &place))) {
        bodies_clear(&peer->t2s);
        bodies_clear(&peer->t3s);
        free(peer->t1);
        free(peer);
    }
    id_table_close(&peers->by_id);
    peers_init(peers);
}

int peers_get(struct peers *peers, const uint8_t id[static ID_BYTES], size_t limit,
              struct peer **found)
{
    struct peer *peer = id_table_find(&peers->by_id, id);
    if (!peer) {
        if (peers->by_id.count >= limit)
            return -ENOSPC;
        peer = calloc(1, sizeof *peer);
        if (!peer)
            return -ENOMEM;
        memcpy(peer->id, id, ID_BYTES);
        if (id_table_insert(&peers->by_id, peer->id, peer)) {
            free(peer);
            return -ENOMEM;
        }
    }
    *found = peer;
    return 0;
}

void peers_want(struct peers *peers, struct peer *peer)
{
    INVARIANT(peer->state == PEER_UNSEEN);
    peer->state = PEER_WANTED;
    TAILQ_INSERT_TAIL(&peers->wanted, peer, waiting);
}

void peers_give_up(struct peers *peers, struct peer *peer)
{
    INVARIANT(peer->state == PEER_WANTED);
    TAILQ_REMOVE(&peers->wanted, peer, waiting);
    peer->state = PEER_ABSENT;
}

int peers_queue(struct peers *peers, struct peer *peer, const uint8_t *t1, size_t t1_bytes,
                bool first)
{
    INVARIANT(peer->state == PEER_UNSEEN || peer->state == PEER_WANTED ||
              peer->state == PEER_ABSENT);
    uint8_t *copy = malloc(t1_bytes);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, t1, t1_bytes);
    if (peer->state == PEER_WANTED)
        TAILQ_REMOVE(&peers->wanted, peer, waiting);
    peer->t1 = copy;
    peer->t1_bytes = t1_bytes;
    peer->state = PEER_QUEUED;
    if (first)
        TAILQ_INSERT_HEAD(&peers->queued, peer, waiting);
    else
        TAILQ_INSERT_TAIL(&peers->queued, peer, waiting);
    return 0;
}

size_t peers_queued(const struct peers *peers)
{
    size_t count = 0;
    const struct peer *peer;
    TAILQ_FOREACH(peer, &peers->queued, waiting)
    count++;
    return count;
}

void peers_hurry(struct peers *peers, struct peer *peer)
{
    INVARIANT(peer->state == PEER_QUEUED);
    TAILQ_REMOVE(&peers->queued, peer, waiting);
    TAILQ_INSERT_HEAD(&peers->queued, peer, waiting);
}

void peers_settle(struct peers *peers, struct peer *peer, enum peer_state state)
{
    INVARIANT(peer->state == PEER_QUEUED);
    TAILQ_REMOVE(&peers->queued, peer, waiting);
    free(peer->t1);
    peer->t1 = NULL;
    peer->state = state;
}

int bodies_add(struct bodies *bodies, const uint8_t body[static RECORD_BODY_BYTES], size_t max)
{
    for (size_t i = 0; i < bodies->count; i++)
        if (memcmp(bodies->body[i], body, RECORD_BODY_BYTES) == 0)
            return -EEXIST;
    if (bodies->count == max) {
        memmove(bodies->body, bodies->body + 1, (max - 1) * sizeof *bodies->body);
        bodies->count--;
        if (bodies->settled > 0)
            bodies->settled--;
    } else {
        void *wider = reallocarray(bodies->body, bodies->count + 1, sizeof *bodies->body);
        if (!wider)
            return -ENOMEM;
        bodies->body = wider;
    }
    memcpy(bodies->body[bodies->count++], body, RECORD_BODY_BYTES);
    return 0;
}

void bodies_clear(struct bodies *bodies)
{
    free(bodies->body);
    *bodies = (struct bodies){0};
}
