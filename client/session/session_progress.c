#include "session/session_progress.h"

#include <string.h>

#include "admission/stamp.h"
#include "base/secret.h"

/* T2s and T3s remembered for each other that is, on the average. */
enum { BODIES_OF_OTHER = 4 };

int session_progress_resume(struct session_progress *progress, struct reunion_session *session,
                            const uint8_t *write_key, const struct session_progress_terms *terms)
{
    struct session_progress resumed = {.session = session,
                                       .budget = terms->budget,
                                       .random = terms->random,
                                       .others_max = terms->others_max};
    resumed.write_key = secret_alloc(WRITE_KEY_BYTES);
    if (!resumed.write_key)
        return -ENOMEM;
    memcpy(resumed.write_key, write_key, WRITE_KEY_BYTES);
    resumed.me.t1 = reunion_session_t1(session, &resumed.me.t1_bytes);
    resumed.me.t1_id = reunion_session_t1_id(session);
    resumed.me.write_key = resumed.write_key;
    *progress = resumed;
    peers_init(&progress->peers);
    return 0;
}

int session_progress_begin(struct session_progress *progress, struct reunion_session *session,
                           const struct session_progress_terms *terms)
{
    uint8_t write_key[WRITE_KEY_BYTES];
    random_fill(terms->random, write_key, sizeof write_key);
    int err = session_progress_resume(progress, session, write_key, terms);
    secret_wipe(write_key, sizeof write_key);
    if (err)
        reunion_session_free(session);
    return err;
}

void session_progress_close(struct session_progress *progress)
{
    if (progress->session)
        session_progress_forget(progress);
    reunion_session_free(progress->session);
    secret_free(progress->write_key);
    argon2id_close(progress->checking);
    *progress = (struct session_progress){0};
}

void session_progress_forget(struct session_progress *progress)
{
    peers_clear(&progress->peers);
    outbox_clear(&progress->outbox);
    progress->met = progress->answered = progress->bodies = 0;
}

/* The peer with this id, or NULL if it is to be passed over: ourselves, or one too many. */
static int get_peer(struct session_progress *progress, const uint8_t id[static ID_BYTES],
                    struct peer **peer)
{
    *peer = NULL;
    if (memcmp(id, progress->me.t1_id, ID_BYTES) == 0)
        return 0;
    /* Those of whom only letters came cost no work; they are counted apart from the others. */
    int err = peers_get(&progress->peers, id, 2 * progress->others_max, peer);
    if (err == -ENOSPC) {
        progress->crowded = true;
        return 0;
    }
    return err;
}

/* Give the T3s owed to a peer whose T1 is settled. One whose place is unknown cannot be answered.
 */
static int answer_t2s(struct session_progress *progress, struct peer *peer)
{
    for (; peer->has_place && peer->t2s.settled < peer->t2s.count; peer->t2s.settled++) {
        uint8_t t3[REUNION_T3_BYTES];
        int err = reunion_session_receive_t2(progress->session, peer->id,
                                             peer->t2s.body[peer->t2s.settled], t3);
        if (!err)
            err = outbox_add(&progress->outbox, RECORD_T3, &peer->place, peer->id, t3);
        if (err)
            return err;
    }
    return 0;
}

/* Keep a T2 or T3 of a peer, once. Returns: 0; -EEXIST (it stands, or there is no room for it);
 * -ENOMEM. */
static int keep_body(struct session_progress *progress, struct bodies *bodies,
                     const uint8_t body[static RECORD_BODY_BYTES], size_t max)
{
    size_t before = bodies->count;
    if (progress->bodies >= BODIES_OF_OTHER * progress->others_max) {
        progress->crowded = true;
        return -EEXIST;
    }
    int err = bodies_add(bodies, body, max);
    progress->bodies += bodies->count - before;
    return err;
}

/* Whether one more T1 can be remembered. A quarter of the room is kept for those who come later, so
 * that junk that stood before does not use it up. */
static bool has_room(const struct session_progress *progress)
{
    size_t kept = progress->surveying ? progress->others_max / 4 : 0;
    return reunion_session_t1s(progress->session) + peers_queued(&progress->peers) <
           progress->others_max - kept;
}

static enum peer_queue queue_for(const struct session_progress *progress, const struct peer *peer,
                                 const uint8_t *t1, size_t t1_bytes)
{
    if (!reunion_session_needs_work(progress->session, t1, t1_bytes))
        return PEER_QUEUE_FREE;
    if (progress->named && memcmp(progress->named, &peer->place, sizeof *progress->named) == 0)
        return PEER_QUEUE_NAMED;
    return peer->t2s.count > 0 ? PEER_QUEUE_ASKED : PEER_QUEUE_REST;
}

static int take_t1(void *state, const uint8_t *t1, size_t t1_bytes,
                   const struct transport_place *place)
{
    struct session_progress *progress = state;
    uint8_t id[REUNION_T1_ID_BYTES];
    reunion_t1_id(id, t1, t1_bytes);
    bool room = has_room(progress);
    struct peer *peer = NULL;
    int err = 0;
    if (room || id_table_find(&progress->peers.by_id, id))
        err = get_peer(progress, id, &peer);
    else
        progress->crowded |= memcmp(id, progress->me.t1_id, ID_BYTES) != 0;
    if (err || !peer)
        return err;
    peer->place = *place;
    peer->has_place = true;
    if (peer->state == PEER_QUEUED || peer->state == PEER_MET || peer->state == PEER_INVALID)
        return 0;
    if (!room) {
        progress->crowded = true;
        return 0;
    }
    progress->news++;
    return peers_queue(&progress->peers, peer, t1, t1_bytes,
                       queue_for(progress, peer, t1, t1_bytes));
}

static int take_t2(void *state, const uint8_t sender[static ID_BYTES],
                   const uint8_t t2[static RECORD_BODY_BYTES])
{
    struct session_progress *progress = state;
    struct peer *peer;
    int err = get_peer(progress, sender, &peer);
    if (err || !peer)
        return err;
    err = keep_body(progress, &peer->t2s, t2, PEER_T2S_MAX);
    if (err)
        return err == -EEXIST ? 0 : err;
    progress->news++;
    if (peer->state == PEER_UNSEEN)
        err = peers_want(&progress->peers, peer);
    else if (peer->state == PEER_QUEUED && peer->queue == PEER_QUEUE_REST)
        err = peers_move(&progress->peers, peer, PEER_QUEUE_ASKED);
    else if (peer->state == PEER_MET || peer->state == PEER_INVALID)
        err = answer_t2s(progress, peer);
    return err;
}

static int take_t3(void *state, const uint8_t sender[static ID_BYTES],
                   const uint8_t t3[static RECORD_BODY_BYTES])
{
    struct session_progress *progress = state;
    struct peer *peer;
    int err = get_peer(progress, sender, &peer);
    if (err || !peer || peer->state == PEER_INVALID)
        return err;
    err = keep_body(progress, &peer->t3s, t3, PEER_T3S_MAX);
    if (err)
        return err == -EEXIST ? 0 : err;
    progress->news++;
    progress->answered += peer->t3s.count == 1;
    if (peer->state != PEER_MET)
        return 0;
    return reunion_session_receive_t3(progress->session, peer->id, t3);
}

struct transport_sink session_progress_sink(struct session_progress *progress)
{
    return (struct transport_sink){take_t1, take_t2, take_t3, progress};
}

static int take_wanted(void *state, const uint8_t *t1, size_t t1_bytes,
                       const struct transport_place *place)
{
    struct session_progress *progress = state;
    uint8_t id[REUNION_T1_ID_BYTES];
    reunion_t1_id(id, t1, t1_bytes);
    const struct peer *peer = id_table_find(&progress->peers.by_id, id);
    if (!peer || peer->state != PEER_WANTED)
        return 0;
    return take_t1(progress, t1, t1_bytes, place);
}

struct transport_sink session_progress_sink_wanted(struct session_progress *progress)
{
    return (struct transport_sink){take_wanted, take_t2, take_t3, progress};
}

static unsigned class_of(const struct session_progress *progress, const struct peer *peer)
{
    return stamp_class(peer->stamp.stamp.effort, peer->stamp.stamp.hour, progress->hour);
}

int session_progress_note_stamp(void *state, const uint8_t id[static ID_BYTES],
                                const struct transport_stamp *stamp)
{
    struct session_progress *progress = state;
    struct peer *peer = id_table_find(&progress->peers.by_id, id);
    if (!peer)
        return 0;
    bool same = memcmp(peer->stamp.stamp.nonce, stamp->stamp.nonce, STAMP_NONCE_BYTES) == 0 &&
                peer->stamp.stamp.hour == stamp->stamp.hour;
    if (!same || !peer->proven) {
        peer->stamp = *stamp;
        peer->proven = false;
    }
    return peers_rank(&progress->peers, peer, class_of(progress, peer));
}

/* Compute what the stamp of a peer is worth, and let it count for that. */
static int prove(struct session_progress *progress, struct peer *peer)
{
    struct stamp_subject subject = {.kind = STAMP_KIND_T1};
    int err = progress->checking ? 0 : argon2id_open(&progress->checking, STAMP_MEMORY_KIB);
    if (err)
        return err;
    memcpy(subject.place, progress->place_tag, sizeof subject.place);
    memcpy(subject.record, peer->id, sizeof subject.record);
    memcpy(subject.challenge, peer->stamp.challenge, sizeof subject.challenge);
    err = stamp_check(progress->checking, &subject, peer->stamp.stamp.nonce,
                      &peer->stamp.stamp.effort);
    peer->proven = !err;
    return err ? err : peers_rank(&progress->peers, peer, class_of(progress, peer));
}

/* A fetched T1 is taken only if it is the one asked for. */
struct fetching {
    struct session_progress *progress;
    const struct peer *peer;
};

static int take_fetched(void *state, const uint8_t *t1, size_t t1_bytes,
                        const struct transport_place *place)
{
    struct fetching *fetching = state;
    uint8_t id[REUNION_T1_ID_BYTES];
    reunion_t1_id(id, t1, t1_bytes);
    if (memcmp(id, fetching->peer->id, ID_BYTES) != 0)
        return 0;
    return take_t1(fetching->progress, t1, t1_bytes, place);
}

/* Somebody has come into a crowd: what they paid is not left to the next look at all buckets. */
static int learn_payment(struct session_progress *progress, struct transport *transport,
                         const struct peer *peer)
{
    if (peer->state != PEER_QUEUED || !transport->verbs->read_stamps ||
        peers_queued(&progress->peers) <= SESSION_PROGRESS_CROWD)
        return 0;
    int err = transport->verbs->read_stamps(transport, &peer->place, session_progress_note_stamp,
                                            progress);
    return err == -ENOENT || err == -EKEYEXPIRED ? 0 : err;
}

int session_progress_fetch(struct session_progress *progress, struct transport *transport)
{
    struct peer *peer;
    for (size_t i = 0; i < SESSION_PROGRESS_FETCHES_MAX && !progress->closing; i++) {
        peer = peers_next_wanted(&progress->peers, progress->random);
        if (!peer)
            return 0;
        struct fetching fetching = {progress, peer};
        struct transport_sink sink = {.t1 = take_fetched, .state = &fetching};
        int err = transport->verbs->fetch_t1(transport, peer->id, &sink);
        if (err && err != -ENOENT)
            return err;
        if (peer->state == PEER_WANTED)
            peers_give_up(&progress->peers, peer);
        err = learn_payment(progress, transport, peer);
        if (err)
            return err;
    }
    return 0;
}

size_t session_progress_wanted(const struct session_progress *progress)
{
    return progress->peers.wanted.count;
}

/* The lowest class that may be worked on with so many actions left. */
static unsigned class_min(size_t left)
{
    return left > 0 ? 0 : SESSION_PROGRESS_CLASS_FREE;
}

bool session_progress_has_work(const struct session_progress *progress)
{
    const struct peers *peers = &progress->peers;
    if (progress->closing)
        return false;
    if (class_min(budget_left(progress->budget)) == 0)
        return peers_queued(peers) > 0;
    size_t count = peers->queued[PEER_QUEUE_FREE].count;
    for (size_t i = PEER_QUEUE_NAMED; i < PEER_QUEUES; i++)
        for (unsigned class = SESSION_PROGRESS_CLASS_FREE; class < WORK_CLASSES; class ++)
            count += peers->queued[i].classes[class].count;
    return count > 0;
}

bool session_progress_waits_for_budget(const struct session_progress *progress)
{
    return !progress->closing && peers_queued(&progress->peers) > 0 &&
           !session_progress_has_work(progress);
}

bool session_progress_is_idle(const struct session_progress *progress)
{
    return !session_progress_has_work(progress) &&
           (progress->closing || session_progress_wanted(progress) == 0) &&
           outbox_is_empty(&progress->outbox);
}

/* The session has worked on a peer's T1: send the T2, and serve what came before it. */
static int settle(struct session_progress *progress, struct peer *peer, const struct reunion_t1 *t1)
{
    if (t1->status == -ECANCELED || t1->status == -ENOMEM) {
        peers_put_back(&progress->peers, peer);
        return t1->status;
    }
    if (t1->computed && peer->class < SESSION_PROGRESS_CLASS_FREE)
        budget_spend(progress->budget, 1);
    peers_settle(peer, t1->status ? PEER_INVALID : PEER_MET);
    if (t1->status)
        return answer_t2s(progress, peer);
    progress->met++;
    int err = outbox_add(&progress->outbox, RECORD_T2, &peer->place, peer->id, t1->t2);
    if (!err)
        err = answer_t2s(progress, peer);
    for (size_t i = 0; i < peer->t3s.count && !err; i++)
        err = reunion_session_receive_t3(progress->session, peer->id, peer->t3s.body[i]);
    return err;
}

/* Take out the next that needs a computation, of `class` or higher. One that is there by a stamp
 * that is worth less than was told goes where it belongs. */
static int take_proven(struct session_progress *progress, unsigned class, struct peer **taken)
{
    struct peer *peer;
    int err = 0;
    while (!err && (peer = peers_take(&progress->peers, class, progress->random))) {
        if (peer->class == 0 || peer->proven) {
            *taken = peer;
            return 0;
        }
        peers_put_back(&progress->peers, peer);
        err = prove(progress, peer);
    }
    *taken = NULL;
    return err;
}

/* Take out the next to be worked through, with so many actions left, or NULL; `needing` counts
 * those that need a computation. Returns: 0, -ENOMEM. */
static int take_next(struct session_progress *progress, size_t chunk, size_t left, size_t *needing,
                     struct peer **taken)
{
    struct peer *peer = NULL;
    int err = 0;
    if (*needing < chunk)
        err = take_proven(progress, class_min(left > *needing), &peer);
    if (peer)
        *needing += (size_t)reunion_session_needs_work(progress->session, peer->t1, peer->t1_bytes);
    else if (!err)
        peer = peers_take_free(&progress->peers, progress->random);
    *taken = peer;
    return err;
}

int session_progress_work(struct session_progress *progress, size_t chunk,
                          const struct reunion_work *work)
{
    INVARIANT(chunk > 0 && chunk <= SESSION_PROGRESS_CHUNK_MAX);
    struct reunion_t1 t1s[SESSION_PROGRESS_CHUNK_MAX];
    struct peer *peers[SESSION_PROGRESS_CHUNK_MAX];
    size_t count = 0, needing = 0, left = budget_left(progress->budget);
    int lacking = 0;
    while (count < SESSION_PROGRESS_CHUNK_MAX) {
        struct peer *peer;
        lacking = take_next(progress, chunk, left, &needing, &peer);
        if (!peer)
            break;
        t1s[count] = (struct reunion_t1){.bytes = peer->t1, .length = peer->t1_bytes};
        peers[count++] = peer;
    }
    int err = reunion_session_receive_t1s(progress->session, t1s, count, work);
    INVARIANT(!err);
    for (size_t i = 0; i < count; i++) {
        int settled = settle(progress, peers[i], &t1s[i]);
        if (settled && !err)
            err = settled;
    }
    return err ? err : lacking;
}
