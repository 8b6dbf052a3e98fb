/* What a session does with the T1s, T2s and T3s of others. */
#include <stdlib.h>
#include <string.h>

#include "reunion/session.h"

/* A T1 on its way through one call of receive_t1s. */
struct arrival {
    struct reunion_t1 *t1;
    struct t1_parts parts;
    struct beta_wish *wish; /* without a beta: nothing to compute */
};

/* Look at one T1: done with (its status is set), or its beta is wanted. */
static void arrival_open(struct arrival *arrival, struct reunion_session *session,
                         struct reunion_t1 *t1, struct beta_wish *wish)
{
    *arrival = (struct arrival){.t1 = t1, .wish = wish};
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
    t1->status = beta_cache_wish(&session->betas, wish, arrival->parts.beta);
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
        party =
            party_new(session->secrets, t1->id, &arrival->parts, arrival->wish->beta->shared, slot);
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

/* All T1s of a call, whose betas are computed if `lacking` is 0. */
static void settle(struct reunion_session *session, struct arrival *arrivals, size_t count,
                   int lacking)
{
    for (size_t i = 0; i < count; i++) {
        struct arrival *arrival = &arrivals[i];
        const struct beta *beta = arrival->wish->beta;
        if (!beta)
            continue;
        arrival->t1->computed = arrival->wish->computed;
        if (beta->status == -EAGAIN)
            arrival->t1->status = lacking ? lacking : -ECANCELED;
        else
            arrival->t1->status = beta->status ? beta->status : admit(session, arrival);
    }
}

int reunion_session_receive_t1s(struct reunion_session *session, struct reunion_t1 *t1s,
                                size_t count, const struct reunion_work *work)
{
    if (count == 0)
        return 0;
    if (!t1s)
        return -EINVAL;
    struct arrival *arrivals = calloc(count, sizeof *arrivals);
    struct beta_wish *wishes = calloc(count, sizeof *wishes);
    for (size_t i = 0; i < count && arrivals && wishes; i++)
        arrival_open(&arrivals[i], session, &t1s[i], &wishes[i]);
    if (arrivals && wishes)
        settle(session, arrivals, count,
               beta_cache_compute(&session->betas, session->secrets->ctidh_secret, wishes, count,
                                  work));
    else
        for (size_t i = 0; i < count; i++)
            t1s[i].status = -ENOMEM;
    free(arrivals);
    free(wishes);
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
