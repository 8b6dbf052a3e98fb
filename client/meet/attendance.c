#include "meet/attendance.h"

#include <string.h>

#include "base/secret.h"

int attendance_resume(struct attendance *attendance, struct reunion_session *session,
                      const uint8_t *write_key, size_t peers_max)
{
    struct attendance resumed = {.session = session, .peers_max = peers_max};
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
                    const struct random_source *random, size_t peers_max)
{
    struct reunion_session *session;
    int err = reunion_session_open(&session, setup);
    if (err)
        return err;
    uint8_t write_key[WRITE_KEY_BYTES];
    random_fill(random, write_key, sizeof write_key);
    err = attendance_resume(attendance, session, write_key, peers_max);
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
    *attendance = (struct attendance){0};
}

void attendance_forget(struct attendance *attendance)
{
    peers_clear(&attendance->peers);
    outbox_clear(&attendance->outbox);
    attendance->met = attendance->answered = attendance->taken = 0;
}

/* The peer with this id, or NULL if it is to be passed over: ourselves, or one too many. */
static int get_peer(struct attendance *attendance, const uint8_t id[static ID_BYTES],
                    struct peer **peer)
{
    *peer = NULL;
    if (memcmp(id, attendance->me.t1_id, ID_BYTES) == 0)
        return 0;
    /* Those of whom only letters came cost no work; they are counted apart from the others. */
    int err = peers_get(&attendance->peers, id, 2 * attendance->peers_max, peer);
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

/* Whether one more T1 fits the budget. A quarter is kept for those who come later, so that junk
 * that stood before does not use it up. */
static bool can_afford(const struct attendance *attendance)
{
    size_t kept = attendance->surveying ? attendance->peers_max / 4 : 0;
    return attendance->taken < attendance->peers_max - kept;
}

static int take_t1(void *state, const uint8_t *t1, size_t t1_bytes,
                   const struct transport_place *place)
{
    struct attendance *attendance = state;
    uint8_t id[REUNION_T1_ID_BYTES];
    reunion_t1_id(id, t1, t1_bytes);
    bool affordable = can_afford(attendance);
    struct peer *peer = NULL;
    int err = 0;
    if (affordable || id_table_find(&attendance->peers.by_id, id))
        err = get_peer(attendance, id, &peer);
    else
        attendance->crowded |= memcmp(id, attendance->me.t1_id, ID_BYTES) != 0;
    if (err || !peer)
        return err;
    peer->place = *place;
    peer->has_place = true;
    if (peer->state == PEER_QUEUED || peer->state == PEER_MET || peer->state == PEER_INVALID)
        return 0;
    if (!affordable) {
        attendance->crowded = true;
        return 0;
    }
    attendance->news++;
    err = peers_queue(&attendance->peers, peer, t1, t1_bytes, !attendance->surveying);
    attendance->taken += !err;
    return err;
}

static int take_t2(void *state, const uint8_t sender[static ID_BYTES],
                   const uint8_t t2[static RECORD_BODY_BYTES])
{
    struct attendance *attendance = state;
    struct peer *peer;
    int err = get_peer(attendance, sender, &peer);
    if (err || !peer)
        return err;
    err = bodies_add(&peer->t2s, t2, PEER_T2S_MAX);
    if (err)
        return err == -EEXIST ? 0 : err;
    attendance->news++;
    if (peer->state == PEER_UNSEEN)
        peers_want(&attendance->peers, peer);
    else if (peer->state == PEER_QUEUED)
        peers_hurry(&attendance->peers, peer); /* it is there and waits for us */
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
    err = bodies_add(&peer->t3s, t3, PEER_T3S_MAX);
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

int attendance_fetch(struct attendance *attendance, struct transport *transport)
{
    struct peer *peer;
    while ((peer = TAILQ_FIRST(&attendance->peers.wanted))) {
        struct fetching fetching = {attendance, peer};
        struct transport_sink sink = {.t1 = take_fetched, .state = &fetching};
        int err = transport->verbs->fetch_t1(transport, peer->id, &sink);
        if (err && err != -ENOENT)
            return err;
        if (peer->state == PEER_WANTED)
            peers_give_up(&attendance->peers, peer);
    }
    return 0;
}

bool attendance_has_work(const struct attendance *attendance)
{
    return !TAILQ_EMPTY(&attendance->peers.queued);
}

bool attendance_is_idle(const struct attendance *attendance)
{
    return !attendance_has_work(attendance) && TAILQ_EMPTY(&attendance->peers.wanted) &&
           outbox_is_empty(&attendance->outbox);
}

/* The session has worked on a peer's T1: send the T2, and serve what came before it. */
static int settle(struct attendance *attendance, struct peer *peer, const struct reunion_t1 *t1)
{
    if (t1->status == -ECANCELED || t1->status == -ENOMEM)
        return t1->status;
    peers_settle(&attendance->peers, peer, t1->status ? PEER_INVALID : PEER_MET);
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

int attendance_work(struct attendance *attendance, size_t chunk, const struct reunion_work *work)
{
    INVARIANT(chunk > 0 && chunk <= ATTENDANCE_CHUNK_MAX);
    struct reunion_t1 t1s[ATTENDANCE_CHUNK_MAX];
    struct peer *peers[ATTENDANCE_CHUNK_MAX];
    size_t count = 0;
    struct peer *peer;
    TAILQ_FOREACH(peer, &attendance->peers.queued, waiting)
    {
        if (count == chunk)
            break;
        t1s[count] = (struct reunion_t1){.bytes = peer->t1, .length = peer->t1_bytes};
        peers[count++] = peer;
    }
    int err = reunion_session_receive_t1s(attendance->session, t1s, count, work);
    int first_err = err;
    for (size_t i = 0; i < count && !err; i++) {
        int settled = settle(attendance, peers[i], &t1s[i]);
        if (settled && !first_err)
            first_err = settled;
    }
    return first_err;
}
