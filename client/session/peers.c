#include "session/peers.h"

#include <stdlib.h>
#include <string.h>

void peers_init(struct peers *peers)
{
    *peers = (struct peers){.turn = PEER_QUEUE_NAMED};
    id_table_open(&peers->by_id);
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
    work_queue_clear(&peers->wanted);
    for (size_t i = 0; i < PEER_QUEUES; i++)
        work_queue_clear(&peers->queued[i]);
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

static struct peer *peer_of(struct work_item *item)
{
    return item ? (struct peer *)((char *)item - offsetof(struct peer, waiting)) : NULL;
}

int peers_want(struct peers *peers, struct peer *peer)
{
    INVARIANT(peer->state == PEER_UNSEEN);
    int err = work_queue_add(&peers->wanted, &peer->waiting, peer->class);
    if (!err)
        peer->state = PEER_WANTED;
    return err;
}

struct peer *peers_next_wanted(struct peers *peers, const struct random_source *random)
{
    return peer_of(work_queue_next(&peers->wanted, 0, random));
}

void peers_give_up(struct peers *peers, struct peer *peer)
{
    INVARIANT(peer->state == PEER_WANTED);
    work_queue_remove(&peers->wanted, &peer->waiting);
    peer->state = PEER_ABSENT;
}

int peers_queue(struct peers *peers, struct peer *peer, const uint8_t *t1, size_t t1_bytes,
                enum peer_queue queue)
{
    INVARIANT(peer->state == PEER_UNSEEN || peer->state == PEER_WANTED ||
              peer->state == PEER_ABSENT);
    uint8_t *copy = malloc(t1_bytes);
    if (!copy)
        return -ENOMEM;
    struct work_item wanted = peer->waiting;
    if (work_queue_add(&peers->queued[queue], &peer->waiting, peer->class)) {
        free(copy);
        return -ENOMEM;
    }
    if (peer->state == PEER_WANTED) {
        struct work_item queued = peer->waiting;
        peer->waiting = wanted;
        work_queue_remove(&peers->wanted, &peer->waiting);
        peer->waiting = queued;
    }
    memcpy(copy, t1, t1_bytes);
    peer->t1 = copy;
    peer->t1_bytes = t1_bytes;
    peer->state = PEER_QUEUED;
    peer->queue = queue;
    return 0;
}

size_t peers_queued(const struct peers *peers)
{
    size_t count = 0;
    for (size_t i = 0; i < PEER_QUEUES; i++)
        count += peers->queued[i].count;
    return count;
}

/* Take a waiting peer from one queue to another, or to another class. */
static int move(struct work_queue *from, struct work_queue *to, struct peer *peer, unsigned class)
{
    struct work_item old = peer->waiting;
    int err = work_queue_add(to, &peer->waiting, class);
    if (err)
        return err;
    struct work_item new = peer->waiting;
    peer->waiting = old;
    work_queue_remove(from, &peer->waiting);
    peer->waiting = new;
    return 0;
}

int peers_move(struct peers *peers, struct peer *peer, enum peer_queue queue)
{
    INVARIANT(peer->state == PEER_QUEUED && !peer->taken);
    if (peer->queue == queue)
        return 0;
    int err = move(&peers->queued[peer->queue], &peers->queued[queue], peer, peer->class);
    if (!err)
        peer->queue = queue;
    return err;
}

int peers_rank(struct peers *peers, struct peer *peer, unsigned class)
{
    struct work_queue *queue = NULL;
    int err = 0;
    if (class == peer->class)
        return 0;
    if (peer->state == PEER_WANTED)
        queue = &peers->wanted;
    if (peer->state == PEER_QUEUED)
        queue = &peers->queued[peer->queue];
    if (queue)
        err = move(queue, queue, peer, class);
    if (!err)
        peer->class = class;
    return err;
}

static struct peer *take(struct peers *peers, enum peer_queue queue, unsigned class_min,
                         const struct random_source *random)
{
    struct peer *peer = peer_of(work_queue_next(&peers->queued[queue], class_min, random));
    if (peer) {
        work_queue_remove(&peers->queued[queue], &peer->waiting);
        peer->taken = true;
    }
    return peer;
}

struct peer *peers_take_free(struct peers *peers, const struct random_source *random)
{
    return take(peers, PEER_QUEUE_FREE, 0, random);
}

struct peer *peers_take(struct peers *peers, unsigned class_min, const struct random_source *random)
{
    struct peer *peer = NULL;
    for (size_t i = PEER_QUEUE_NAMED; i < PEER_QUEUES && !peer; i++) {
        peer = take(peers, peers->turn, class_min, random);
        peers->turn = peers->turn + 1 < PEER_QUEUES ? peers->turn + 1 : PEER_QUEUE_NAMED;
    }
    return peer;
}

void peers_put_back(struct peers *peers, struct peer *peer)
{
    INVARIANT(peer->state == PEER_QUEUED && peer->taken);
    peer->taken = false;
    /* It was there: there is room for it. */
    INVARIANT(work_queue_add(&peers->queued[peer->queue], &peer->waiting, peer->class) == 0);
}

void peers_settle(struct peer *peer, enum peer_state state)
{
    INVARIANT(peer->state == PEER_QUEUED && peer->taken);
    free(peer->t1);
    peer->t1 = NULL;
    peer->taken = false;
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
