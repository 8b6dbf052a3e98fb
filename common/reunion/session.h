/* The internals of a protocol session, for its own source files and for tests. */
#ifndef REUNION_REUNION_SESSION_H
#define REUNION_REUNION_SESSION_H

#include "base/err.h"
#include "base/id_table.h"
#include "base/secret_pool.h"
#include "reunion/beta_cache.h"
#include "reunion/party.h"
#include "reunion/reunion.h"
#include "reunion/session_secrets.h"

/* DESIGN: our own T1 and secrets never change after opening. The betas and the parties grow, one
 * for each T1 with a valid beta; neither is ever removed, so the driver limits them by the
 * number of T1s it passes in. A T2 from an unknown T1 is answered by the decoy, a party that
 * nobody is, on the same path as every other. */
struct reunion_session {
    struct session_secrets *secrets; /* guarded */
    uint8_t *t1;
    size_t t1_bytes;
    uint8_t t1_id[REUNION_T1_ID_BYTES];

    struct beta_cache betas;
    struct secret_pool party_secrets; /* a slot of struct party_secrets for each peer */
    struct id_table parties;          /* by T1 id */
    struct party *decoy;

    struct party *first_revealed, **last_revealed; /* payloads not handed out yet, in order */
};

/* An empty session for a T1 of that length, which reunion_session_free takes back at any stage.
 * Returns: the session, or NULL (out of memory). */
MUST_CHECK struct reunion_session *session_new(size_t t1_bytes);

/* Give it the peer that nobody is; its salt must be known. Returns: 0, -ENOMEM. */
MUST_CHECK int session_make_decoy(struct reunion_session *session);

/* Try what is held of a peer, and put its payload behind those that wait to be handed out.
 * Returns: 0, -ENOMEM (a later call may succeed). */
MUST_CHECK int session_reveal(struct reunion_session *session, struct party *party);

#endif
