/* What a session does with the T1s, T2s and T3s of others. */
#include <stdlib.h>
#include <string.h>

#include "reunion/group_actions.h"
#include "reunion/session.h"

/* A T1 on its way through one call of receive_t1s. */
struct arrival {
    struct reunion_t1 *t1;
    struct t1_parts parts;
    struct beta *beta; /* NULL: nothing to compute */
};

/* Look at one T1: done with (its status is set and beta stays NULL), or its beta is wanted. */
static void arrival_open(struct arrival *arrival, struct reunion_session *session,
                         struct reunion_t1 *t1)
{
    *arrival = (struct arrival){.t1 = t1};
    memset(t1->id, 0, sizeof t1->id);
    memset(t1->t2, 0, sizeof t1->t2);
    t1->computed = 0;
    t1->status = t1_split(&arrival->parts, t1->bytes, t1->length);
    if (t1->status)
        return;
    reunion_t1_id(t1->id, t1->bytes, t1->length);
    if (memcmp(t1->id, session->t1_id, sizeof t1->id) == 0) {
        t1->status = -ELOOP;
        return;
    }
    const struct party *known = id_table_find(&session->parties, t1->id);
    if (known) {
        memcpy(t1->t2, known->secrets->t2, sizeof t1->t2);
        return;
    }
    /* What costs nothing to see again is not remembered. */
    if (!ctidh1024_public_is_reduced(arrival->parts.beta)) {
        t1->status = -EBADMSG;
        return;
    }
    arrival->beta = beta_cache_entry(&session->betas, arrival->parts.beta);
    if (!arrival->beta)
        t1->status = -ENOMEM;
}

/* Compute the betas that nobody has computed, each once. */
static int compute_betas(struct reunion_session *session, struct arrival *arrivals, size_t count,
                         const struct reunion_work *work)
{
    struct ctidh1024_exchange *exchanges = calloc(count, sizeof *exchanges);
    struct beta **betas = calloc(count, sizeof(struct beta *));
    struct reunion_t1 **askers = calloc(count, sizeof(struct reunion_t1 *));
    size_t wanted = 0;
    if (!exchanges || !betas || !askers) {
        free(exchanges);
        free(betas);
        free(askers);
        return -ENOMEM;
    }
    session->calls++;
    for (size_t i = 0; i < count; i++) {
        struct beta *beta = arrivals[i].beta;
        if (!beta || beta->status != -EAGAIN || beta->wanted == session->calls)
            continue;
        beta->wanted = session->calls;
        betas[wanted] = beta;
        askers[wanted] = arrivals[i].t1;
        exchanges[wanted++] = (struct ctidh1024_exchange){
            .public_key = beta->public_key, .shared = beta->shared, .status = -ECANCELED};
    }
    group_actions(session->secrets->ctidh_secret, exchanges, wanted, work);
    for (size_t i = 0; i < wanted; i++)
        if (exchanges[i].status == 0 || exchanges[i].status == -EBADMSG)
            betas[i]->status = exchanges[i].status;
    for (size_t i = 0; i < wanted; i++)
        askers[i]->computed = exchanges[i].status == 0;
    /* The others keep -EAGAIN: the next call tries them again. */
    int err = 0;
    for (size_t i = 0; i < wanted; i++)
        if (exchanges[i].status == -ENOMEM)
            err = -ENOMEM;
    free(exchanges);
    free(betas);
    free(askers);
    return err;
}

/* Make the peer of a T1 whose beta is computed. */
static int admit(struct reunion_session *session, struct arrival *arrival)
{
    struct reunion_t1 *t1 = arrival->t1;
    struct party *party = id_table_find(&session->parties, t1->id);
    if (!party) { /* the same T1 may stand twice in one call */
        struct party_secrets *slot = secret_pool_take(&session->party_secrets);
        if (!slot)
            return -ENOMEM;
        party = party_new(session->secrets, t1->id, &arrival->parts, arrival->beta->shared, slot);
        if (!party)
            return -ENOMEM;
        if (id_table_insert(&session->parties, party->t1_id, party)) {
            party_free(party);
            return -ENOMEM;
        }
    }
    memcpy(t1->t2, party->secrets->t2, sizeof t1->t2);
    return 0;
}

int reunion_session_receive_t1s(struct reunion_session *session, struct reunion_t1 *t1s,
                                size_t count, const struct reunion_work *work)
{
    if (count == 0)
        return 0;
    if (!t1s)
        return -EINVAL;
    struct arrival *arrivals = calloc(count, sizeof *arrivals);
    if (!arrivals) {
        for (size_t i = 0; i < count; i++)
            t1s[i].status = -ENOMEM;
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        arrival_open(&arrivals[i], session, &t1s[i]);
    int lacking = compute_betas(session, arrivals, count, work);
    for (size_t i = 0; i < count; i++) {
        const struct beta *beta = arrivals[i].beta;
        if (!beta)
            continue;
        if (beta->status == -EAGAIN)
            t1s[i].status = lacking ? lacking : -ECANCELED;
        else
            t1s[i].status = beta->status ? beta->status : admit(session, &arrivals[i]);
    }
    free(arrivals);
    return 0;
}

int reunion_session_needs_work(const struct reunion_session *session, const uint8_t *t1,
                               size_t t1_bytes)
{
    struct t1_parts parts;
    uint8_t id[REUNION_T1_ID_BYTES];
    if (t1_split(&parts, t1, t1_bytes) || !ctidh1024_public_is_reduced(parts.beta))
        return 0;
    reunion_t1_id(id, t1, t1_bytes);
    return memcmp(id, session->t1_id, sizeof id) != 0 && !id_table_find(&session->parties, id) &&
           !beta_cache_knows(&session->betas, parts.beta);
}

size_t reunion_session_t1s(const struct reunion_session *session)
{
    return session->parties.count;
}

int session_reveal(struct reunion_session *session, struct party *party)
{
    bool revealed = false;
    int err = party_try_held(party, session->secrets, &revealed);
    if (!err && revealed) {
        *session->last_revealed = party;
        session->last_revealed = &party->next_revealed;
    }
    return err;
}

int reunion_session_receive_t2(struct reunion_session *session,
                               const uint8_t t1_id[REUNION_T1_ID_BYTES],
                               const uint8_t t2[REUNION_T2_BYTES], uint8_t t3[REUNION_T3_BYTES])
{
    /* Which T1s are known is public; that the answer is a dummy then should still not stand out. */
    struct party *party = id_table_find(&session->parties, t1_id);
    uint8_t known = party ? 0xff : 0;
    if (!party)
        party = session->decoy;
    uint8_t answer[REUNION_T3_BYTES];
    int err = party_answer_t2(party, session->secrets, t1_id, known, t2, answer);
    if (!err)
        err = session_reveal(session, party);
    if (!err)
        memcpy(t3, answer, sizeof answer);
    return err;
}

int reunion_session_receive_t3(struct reunion_session *session,
                               const uint8_t t1_id[REUNION_T1_ID_BYTES],
                               const uint8_t t3[REUNION_T3_BYTES])
{
    struct party *party = id_table_find(&session->parties, t1_id);
    if (!party)
        return -ENOENT;
    int err = party_hold_t3(party, t3);
    return err ? err : session_reveal(session, party);
}

int reunion_session_next_reveal(struct reunion_session *session, struct reunion_reveal *reveal)
{
    struct party *party = session->first_revealed;
    if (!party)
        return -ENOENT;
    session->first_revealed = party->next_revealed;
    if (!session->first_revealed)
        session->last_revealed = &session->first_revealed;
    *reveal = (struct reunion_reveal){
        .t1_id = party->t1_id, .payload = party->payload, .payload_bytes = party->payload_bytes};
    return 0;
}
