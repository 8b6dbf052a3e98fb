/* What a session knows of one other party, and its answers to it. */
#ifndef REUNION_REUNION_PARTY_H
#define REUNION_REUNION_PARTY_H

#include <stdbool.h>

#include "reunion/reunion.h"
#include "reunion/session_secrets.h"
#include "reunion/t1.h"

enum { PEER_HELD_T3S = 64 };

/* The part that must not leak; one slot of the session's pool. */
struct party_secrets {
    uint8_t t2_key_tx[HASH_BYTES]; /* encrypts one's own T2 */
    uint8_t t2_key_rx[HASH_BYTES]; /* decrypts theirs */
    uint8_t t3_key_rx[HASH_BYTES]; /* decrypts their T3, once a valid T2 of theirs came */
    uint8_t t2[REUNION_T2_BYTES];  /* one's own */
};

/* DESIGN: nothing that is done for a party in answer to the network depends on whether it knows
 * the passphrase. Both answers are computed, the key of the next step is replaced under a mask,
 * and T3s are held and tried alike. t3_key_rx starts as random bytes, which open nothing. */
struct party {
    uint8_t t1_id[REUNION_T1_ID_BYTES];
    struct party_secrets *secrets;
    uint8_t gamma[T1_GAMMA_BYTES];
    uint8_t *delta;
    size_t delta_bytes;

    uint8_t (*held)[REUNION_T3_BYTES]; /* ring of PEER_HELD_T3S, allocated with the first */
    size_t held_count;                 /* ever held; the ring has the newest */

    uint8_t *payload; /* guarded; NULL until revealed */
    size_t payload_bytes;
    struct party *next_revealed;
};

/* A peer from its T1: `parts` are copied, `shared` is the CTIDH secret with its beta, `slot` a
 * zeroed slot of party_secrets that outlives the peer.
 * Returns: the peer, owned by the caller, or NULL (out of memory). */
MUST_CHECK struct party *party_new(const struct session_secrets *session,
                                   const uint8_t t1_id[static REUNION_T1_ID_BYTES],
                                   const struct t1_parts *parts,
                                   const uint8_t shared[static CTIDH1024_SHARED_BYTES],
                                   struct party_secrets *slot);
void party_free(struct party *party);

/* The T3 that answers `t2`: real if it proves the passphrase and `known` is 0xff, else a dummy for
 * `t1_id`. Returns: 0, -ENOMEM (nothing changed). */
MUST_CHECK int party_answer_t2(struct party *party, const struct session_secrets *session,
                               const uint8_t t1_id[static REUNION_T1_ID_BYTES], uint8_t known,
                               const uint8_t t2[static REUNION_T2_BYTES],
                               uint8_t t3[static REUNION_T3_BYTES]);

/* Keep a T3; the oldest gives way. Returns: 0, -ENOMEM. */
MUST_CHECK int party_hold_t3(struct party *party, const uint8_t t3[static REUNION_T3_BYTES]);

/* Try every held T3. `*revealed` tells whether the payload became known by this call.
 * Returns: 0, -ENOMEM (a later call may succeed). */
MUST_CHECK int party_try_held(struct party *party, const struct session_secrets *session,
                              bool *revealed);

#endif
