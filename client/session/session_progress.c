#include "session/session_progress.h"

#include <string.h>

#include "admission/stamp.h"
#include "base/secret.h"

/* T2s and T3s remembered for each other that is, on the average. */
enum { BODIES_OF_OTHER = 4 };

int attendance_resume(struct attendance *attendance, struct reunion_session *session,
                      const uint8_t *write_key, const struct attendance_terms *terms)
{
    struct attendance resumed = {.session = session,
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
    *attendance = resumed;
    peers_init(&attendance->peers);
    return 0;
}

int attendance_open(struct attendance *attendance, const struct reunion_setup *setup,
                    const struct attendance_terms *terms)
{
    struct reunion_session *session;
    int err = reunion_session_open(&session, setup);
    if (err)
        return err;
    uint8_t write_key[WRITE_KEY_BYTES];
    random_fill(terms->random, write_key, sizeof write_key);
    err = attendance_resume(attendance, session, write_key, terms);
    secret_wipe(write_key, sizeof write_key);
    if (err)
        reunion_session_free(session);
    return err;
}

void attendance_close(struct attendance *attendance)
{
    if (attendance->session)
        attendance_forget(attendance);
    reunion_session_free(attendance->session);
    secret_free(attendance->write_key);
    argon2id_close(attendance->checking);
    *attendance = (struct attendance){0};
}

void attendance_forget(struct attendance *attendance)
{
    peers_clear(&attendance->peers);
    outbox_clear(&attendance->outbox);
    attendance->met = attendance->answered = attendance->bodies = 0;
}

/* The peer with this id, or NULL if it is to be passed over: ourselves, or one too many. */
static int get_peer(struct attendance *attendance, const uint8_t id[static ID_BYTES],
                    struct peer **peer)
{
    *peer = NULL;
    if (memcmp(id, attendance->me.t1_id, ID_BYTES) == 0)
        return 0;
    /* Those of whom only letters came cost no work; they are counted apart from the others. */
    int err = peers_get(&attendance->peers, id, 2 * attendance->others_max, peer);
    if (err == -ENOSPC) {
        attendance->crowded = true;
        return 0;
    }
    return err;
}

/* Give the T3s owed to a peer whose T1 is settled. One whose place is unknown cannot be answered.
 */
static int answer_t2s(struct attendance *attendance, struct peer *peer)
{
    for (; peer->has_place && peer->t2s.settled < peer->t2s.count; peer->t2s.settled++) {
        uint8_t t3[REUNION_T3_BYTES];
        int err = reunion_session_receive_t2(attendance->session, peer->id,
                                             peer->t2s.body[peer->t2s.settled], t3);
        if (!err)
            err = outbox_add(&attendance->outbox, TRANSPORT_T3, &peer->place, peer->id, t3);
        if (err)
            return err;
    }
    return 0;
}

/* Keep a T2 or T3 of a peer, once. Returns: 0; -EEXIST (it stands, or there is no room for it);
 * -ENOMEM. */
static int keep_body(struct attendance *attendance, struct bodies *bodies,
                     const uint8_t body[static RECORD_BODY_BYTES], size_t max)
{
    size_t before = bodies->count;
    if (attendance->bodies >= BODIES_OF_OTHER * attendance->others_max) {
        attendance->crowded = true;
        return -EEXIST;
    }
    int err = bodies_add(bodies, body, max);
    attendance->bodies += bodies->count - before;
    return err;
}

/* Whether one more T1 can be remembered. A quarter of the room is kept for those who come later, so
 * that junk that stood before does not use it up. */
static bool has_room(const struct attendance *attendance)
{
    size_t kept = attendance->surveying ? attendance->others_max / 4 : 0;
    return reunion_session_t1s(attendance->session) + peers_queued(&attendance->peers) <
           attendance->others_max - kept;
}

static enum peer_queue queue_for(const struct attendance *attendance, const struct peer *peer,
                                 const uint8_t *t1, size_t t1_bytes)
{
    if (!reunion_session_needs_work(attendance->session, t1, t1_bytes))
        return PEER_QUEUE_FREE;
    if (attendance->named &&
        memcmp(attendance->named, &peer->place, sizeof *attendance->named) == 0)
        return PEER_QUEUE_NAMED;
    return peer->t2s.count > 0 ? PEER_QUEUE_ASKED : PEER_QUEUE_REST;
}

static int take_t1(void *state, const uint8_t *t1, size_t t1_bytes,
                   const struct transport_place *place)
{
    struct attendance *attendance = state;
    uint8_t id[REUNION_T1_ID_BYTES];
    reunion_t1_id(id, t1, t1_bytes);
    bool room = has_room(attendance);
    struct peer *peer = NULL;
    int err = 0;
    if (room || id_table_find(&attendance->peers.by_id, id))
        err = get_peer(attendance, id, &peer);
    else
        attendance->crowded |= memcmp(id, attendance->me.t1_id, ID_BYTES) != 0;
    if (err || !peer)
        return err;
    peer->place = *place;
    peer->has_place = true;
    if (peer->state == PEER_QUEUED || peer->state == PEER_MET || peer->state == PEER_INVALID)
        return 0;
    if (!room) {
        attendance->crowded = true;
        return 0;
    }
    attendance->news++;
    return peers_queue(&attendance->peers, peer, t1, t1_bytes,
                       queue_for(attendance, peer, t1, t1_bytes));
}

static int take_t2(void *state, const uint8_t sender[static ID_BYTES],
                   const uint8_t t2[static RECORD_BODY_BYTES])
{
    struct attendance *attendance = state;
    struct peer *peer;
    int err = get_peer(attendance, sender, &peer);
    if (err || !peer)
        return err;
    err = keep_body(attendance, &peer->t2s, t2, PEER_T2S_MAX);
    if (err)
        return err == -EEXIST ? 0 : err;
    attendance->news++;
    if (peer->state == PEER_UNSEEN)
        err = peers_want(&attendance->peers, peer);
    else if (peer->state == PEER_QUEUED && peer->queue == PEER_QUEUE_REST)
        err = peers_move(&attendance->peers, peer, PEER_QUEUE_ASKED);
    else if (peer->state == PEER_MET || peer->state == PEER_INVALID)
        err = answer_t2s(attendance, peer);
    return err;
}

static int take_t3(void *state, const uint8_t sender[static ID_BYTES],
                   const uint8_t t3[static RECORD_BODY_BYTES])
{
    struct attendance *attendance = state;
    struct peer *peer;
    int err = get_peer(attendance, sender, &peer);
    if (err || !peer || peer->state == PEER_INVALID)
        return err;
    err = keep_body(attendance, &peer->t3s, t3, PEER_T3S_MAX);
    if (err)
        return err == -EEXIST ? 0 : err;
    attendance->news++;
    attendance->answered += peer->t3s.count == 1;
    if (peer->state != PEER_MET)
        return 0;
    return reunion_session_receive_t3(attendance->session, peer->id, t3);
}

struct transport_sink attendance_sink(struct attendance *attendance)
{
    return (struct transport_sink){take_t1, take_t2, take_t3, attendance};
}

static int take_wanted(void *state, const uint8_t *t1, size_t t1_bytes,
                       const struct transport_place *place)
{
    struct attendance *attendance = state;
    uint8_t id[REUNION_T1_ID_BYTES];
    reunion_t1_id(id, t1, t1_bytes);
    const struct peer *peer = id_table_find(&attendance->peers.by_id, id);
    if (!peer || peer->state != PEER_WANTED)
        return 0;
    return take_t1(attendance, t1, t1_bytes, place);
}

struct transport_sink attendance_sink_wanted(struct attendance *attendance)
{
    return (struct transport_sink){take_wanted, take_t2, take_t3, attendance};
}

static unsigned class_of(const struct attendance *attendance, const struct peer *peer)
{
    return stamp_class(peer->stamp.stamp.effort, peer->stamp.stamp.hour, attendance->hour);
}

int attendance_note_stamp(void *state, const uint8_t id[static ID_BYTES],
                          const struct transport_stamp *stamp)
{
    struct attendance *attendance = state;
    struct peer *peer = id_table_find(&attendance->peers.by_id, id);
    if (!peer)
        return 0;
    bool same = memcmp(peer->stamp.stamp.nonce, stamp->stamp.nonce, STAMP_NONCE_BYTES) == 0 &&
                peer->stamp.stamp.hour == stamp->stamp.hour;
    if (!same || !peer->proven) {
        peer->stamp = *stamp;
        peer->proven = false;
    }
    return peers_rank(&attendance->peers, peer, class_of(attendance, peer));
}

/* Compute what the stamp of a peer is worth, and let it count for that. */
static int prove(struct attendance *attendance, struct peer *peer)
{
    struct stamp_subject subject = {.kind = STAMP_KIND_T1};
    int err = attendance->checking ? 0 : argon2id_open(&attendance->checking, STAMP_MEMORY_KIB);
    if (err)
        return err;
    memcpy(subject.place, attendance->place_tag, sizeof subject.place);
    memcpy(subject.record, peer->id, sizeof subject.record);
    memcpy(subject.challenge, peer->stamp.challenge, sizeof subject.challenge);
    err = stamp_check(attendance->checking, &subject, peer->stamp.stamp.nonce,
                      &peer->stamp.stamp.effort);
    peer->proven = !err;
    return err ? err : peers_rank(&attendance->peers, peer, class_of(attendance, peer));
}

/* A fetched T1 is taken only if it is the one asked for. */
struct fetching {
    struct attendance *attendance;
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
    return take_t1(fetching->attendance, t1, t1_bytes, place);
}

/* Somebody has come into a crowd: what they paid is not left to the next look at all buckets. */
static int learn_payment(struct attendance *attendance, struct transport *transport,
                         const struct peer *peer)
{
    if (peer->state != PEER_QUEUED || !transport->verbs->read_stamps ||
        peers_queued(&attendance->peers) <= ATTENDANCE_CROWD)
        return 0;
    int err =
        transport->verbs->read_stamps(transport, &peer->place, attendance_note_stamp, attendance);
    return err == -ENOENT || err == -EKEYEXPIRED ? 0 : err;
}

int attendance_fetch(struct attendance *attendance, struct transport *transport)
{
    struct peer *peer;
    for (size_t i = 0; i < ATTENDANCE_FETCHES_MAX && !attendance->closing; i++) {
        peer = peers_next_wanted(&attendance->peers, attendance->random);
        if (!peer)
            return 0;
        struct fetching fetching = {attendance, peer};
        struct transport_sink sink = {.t1 = take_fetched, .state = &fetching};
        int err = transport->verbs->fetch_t1(transport, peer->id, &sink);
        if (err && err != -ENOENT)
            return err;
        if (peer->state == PEER_WANTED)
            peers_give_up(&attendance->peers, peer);
        err = learn_payment(attendance, transport, peer);
        if (err)
            return err;
    }
    return 0;
}

size_t attendance_wanted(const struct attendance *attendance)
{
    return attendance->peers.wanted.count;
}

/* The lowest class that may be worked on with so many actions left. */
static unsigned class_min(size_t left)
{
    return left > 0 ? 0 : ATTENDANCE_CLASS_FREE;
}

bool attendance_has_work(const struct attendance *attendance)
{
    const struct peers *peers = &attendance->peers;
    if (attendance->closing)
        return false;
    if (class_min(budget_left(attendance->budget)) == 0)
        return peers_queued(peers) > 0;
    size_t count = peers->queued[PEER_QUEUE_FREE].count;
    for (size_t i = PEER_QUEUE_NAMED; i < PEER_QUEUES; i++)
        for (unsigned class = ATTENDANCE_CLASS_FREE; class < WORK_CLASSES; class ++)
            count += peers->queued[i].classes[class].count;
    return count > 0;
}

bool attendance_waits_for_budget(const struct attendance *attendance)
{
    return !attendance->closing && peers_queued(&attendance->peers) > 0 &&
           !attendance_has_work(attendance);
}

bool attendance_is_idle(const struct attendance *attendance)
{
    return !attendance_has_work(attendance) &&
           (attendance->closing || attendance_wanted(attendance) == 0) &&
           outbox_is_empty(&attendance->outbox);
}

/* The session has worked on a peer's T1: send the T2, and serve what came before it. */
static int settle(struct attendance *attendance, struct peer *peer, const struct reunion_t1 *t1)
{
    if (t1->status == -ECANCELED || t1->status == -ENOMEM) {
        peers_put_back(&attendance->peers, peer);
        return t1->status;
    }
    if (t1->computed && peer->class < ATTENDANCE_CLASS_FREE)
        budget_spend(attendance->budget, 1);
    peers_settle(peer, t1->status ? PEER_INVALID : PEER_MET);
    if (t1->status)
        return answer_t2s(attendance, peer);
    attendance->met++;
    int err = outbox_add(&attendance->outbox, TRANSPORT_T2, &peer->place, peer->id, t1->t2);
    if (!err)
        err = answer_t2s(attendance, peer);
    for (size_t i = 0; i < peer->t3s.count && !err; i++)
        err = reunion_session_receive_t3(attendance->session, peer->id, peer->t3s.body[i]);
    return err;
}

/* Take out the next that needs a computation, of `class` or higher. One that is there by a stamp
 * that is worth less than was told goes where it belongs. */
static int take_proven(struct attendance *attendance, unsigned class, struct peer **taken)
{
    struct peer *peer;
    int err = 0;
    while (!err && (peer = peers_take(&attendance->peers, class, attendance->random))) {
        if (peer->class == 0 || peer->proven) {
            *taken = peer;
            return 0;
        }
        peers_put_back(&attendance->peers, peer);
        err = prove(attendance, peer);
    }
    *taken = NULL;
    return err;
}

/* Take out the next to be worked through, with so many actions left, or NULL; `needing` counts
 * those that need a computation. Returns: 0, -ENOMEM. */
static int take_next(struct attendance *attendance, size_t chunk, size_t left, size_t *needing,
                     struct peer **taken)
{
    struct peer *peer = NULL;
    int err = 0;
    if (*needing < chunk)
        err = take_proven(attendance, class_min(left > *needing), &peer);
    if (peer)
        *needing +=
            (size_t)reunion_session_needs_work(attendance->session, peer->t1, peer->t1_bytes);
    else if (!err)
        peer = peers_take_free(&attendance->peers, attendance->random);
    *taken = peer;
    return err;
}

int attendance_work(struct attendance *attendance, size_t chunk, const struct reunion_work *work)
{
    INVARIANT(chunk > 0 && chunk <= ATTENDANCE_CHUNK_MAX);
    struct reunion_t1 t1s[ATTENDANCE_CHUNK_MAX];
    struct peer *peers[ATTENDANCE_CHUNK_MAX];
    size_t count = 0, needing = 0, left = budget_left(attendance->budget);
    int lacking = 0;
    while (count < ATTENDANCE_CHUNK_MAX) {
        struct peer *peer;
        lacking = take_next(attendance, chunk, left, &needing, &peer);
        if (!peer)
            break;
        t1s[count] = (struct reunion_t1){.bytes = peer->t1, .length = peer->t1_bytes};
        peers[count++] = peer;
    }
    int err = reunion_session_receive_t1s(attendance->session, t1s, count, work);
    INVARIANT(!err);
    for (size_t i = 0; i < count; i++) {
        int settled = settle(attendance, peers[i], &t1s[i]);
        if (settled && !err)
            err = settled;
    }
    return err ? err : lacking;
}
