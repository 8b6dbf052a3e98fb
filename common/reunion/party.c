#include "reunion/party.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/elligator2.h"

/* key = H(of four pieces), the form of both T2 keys. */
static void t2_key(uint8_t key[static HASH_BYTES], const uint8_t sender_alpha_key[static 32],
                   const uint8_t addressee_alpha_key[static 32], const uint8_t dh1[static 32],
                   const uint8_t dh2[static CTIDH1024_SHARED_BYTES])
{
    hash_parts(key,
               (struct hash_part[]){{sender_alpha_key, PRP_KEY_BYTES},
                                    {addressee_alpha_key, PRP_KEY_BYTES},
                                    {dh1, X25519_BYTES},
                                    {dh2, CTIDH1024_SHARED_BYTES}},
               4);
}

/* key = H(T2 key || first T2 || second T2), the form of both T3 keys. */
static void t3_key(uint8_t key[static HASH_BYTES], const uint8_t t2_key[static HASH_BYTES],
                   const uint8_t first[static REUNION_T2_BYTES],
                   const uint8_t second[static REUNION_T2_BYTES])
{
    hash_parts(key,
               (struct hash_part[]){
                   {t2_key, HASH_BYTES}, {first, REUNION_T2_BYTES}, {second, REUNION_T2_BYTES}},
               3);
}

static int derive_t2(struct party_secrets *secrets, const struct session_secrets *session,
                     const struct t1_parts *parts,
                     const uint8_t shared[static CTIDH1024_SHARED_BYTES])
{
    uint8_t alpha_key[PRP_KEY_BYTES], key_of_alpha[PRP_BYTES], dh1[X25519_BYTES];

    t1_alpha_key(alpha_key, session->pdk, parts);
    int err = prp_decrypt(key_of_alpha, alpha_key, parts->alpha);
    if (!err) {
        elligator2_map(key_of_alpha, key_of_alpha);
        x25519(dh1, session->x25519_secret, key_of_alpha);
        t2_key(secrets->t2_key_tx, session->alpha_key, alpha_key, dh1, shared);
        t2_key(secrets->t2_key_rx, alpha_key, session->alpha_key, dh1, shared);
        random_fill(&random_system, secrets->t3_key_rx, sizeof secrets->t3_key_rx);
        err = prp_encrypt(secrets->t2, secrets->t2_key_tx, session->sk_gamma);
    }
    secret_wipe(alpha_key, sizeof alpha_key);
    secret_wipe(key_of_alpha, sizeof key_of_alpha);
    secret_wipe(dh1, sizeof dh1);
    return err;
}

struct party *party_new(const struct session_secrets *session,
                        const uint8_t t1_id[static REUNION_T1_ID_BYTES],
                        const struct t1_parts *parts,
                        const uint8_t shared[static CTIDH1024_SHARED_BYTES],
                        struct party_secrets *slot)
{
    struct party *party = calloc(1, sizeof *party);
    if (!party)
        return NULL;
    memcpy(party->t1_id, t1_id, REUNION_T1_ID_BYTES);
    memcpy(party->gamma, parts->gamma, T1_GAMMA_BYTES);
    party->secrets = slot;
    party->delta_bytes = parts->delta_bytes;
    party->delta = malloc(parts->delta_bytes);
    if (!party->delta || derive_t2(slot, session, parts, shared)) {
        party_free(party);
        return NULL;
    }
    memcpy(party->delta, parts->delta, parts->delta_bytes);
    return party;
}

void party_free(struct party *party)
{
    if (!party)
        return;
    secret_free(party->payload);
    free(party->held);
    free(party->delta);
    free(party);
}

/* 0xff if `t2` carries the key of the peer's gamma, else 0, without a branch on which.
 * Sealing nothing with that key must give gamma again. */
static int proves_passphrase(uint8_t *mask, const struct party *party,
                             const struct session_secrets *session,
                             const uint8_t t2[static REUNION_T2_BYTES])
{
    uint8_t key[PRP_BYTES], expected[AEAD_TAG_BYTES];
    int err = prp_decrypt(key, party->secrets->t2_key_rx, t2);
    if (!err) {
        aead_seal(expected, key, NULL, 0, session->salt, REUNION_SALT_BYTES);
        *mask = (uint8_t)(0 - (unsigned)secret_equal(expected, party->gamma, sizeof expected));
    }
    secret_wipe(key, sizeof key);
    secret_wipe(expected, sizeof expected);
    return err;
}

static int dummy_t3(uint8_t t3[static REUNION_T3_BYTES], const struct session_secrets *session,
                    const uint8_t t1_id[static REUNION_T1_ID_BYTES],
                    const uint8_t t2[static REUNION_T2_BYTES])
{
    uint8_t info[REUNION_T1_ID_BYTES + REUNION_T2_BYTES];
    memcpy(info, t1_id, REUNION_T1_ID_BYTES);
    memcpy(info + REUNION_T1_ID_BYTES, t2, REUNION_T2_BYTES);
    return hkdf_expand(t3, REUNION_T3_BYTES, session->dummy_prk, info, sizeof info);
}

int party_answer_t2(struct party *party, const struct session_secrets *session,
                    const uint8_t t1_id[static REUNION_T1_ID_BYTES], uint8_t known,
                    const uint8_t t2[static REUNION_T2_BYTES], uint8_t t3[static REUNION_T3_BYTES])
{
    struct party_secrets *secrets = party->secrets;
    uint8_t valid = 0, tx[HASH_BYTES], rx[HASH_BYTES];
    uint8_t real[REUNION_T3_BYTES], dummy[REUNION_T3_BYTES];

    t3_key(tx, secrets->t2_key_tx, secrets->t2, t2);
    t3_key(rx, secrets->t2_key_rx, t2, secrets->t2);
    int err = proves_passphrase(&valid, party, session, t2);
    if (!err)
        err = prp_encrypt(real, tx, session->sk_delta);
    if (!err)
        err = dummy_t3(dummy, session, t1_id, t2);
    if (!err) {
        valid &= known;
        secret_select(t3, real, dummy, REUNION_T3_BYTES, valid);
        secret_select(secrets->t3_key_rx, rx, secrets->t3_key_rx, HASH_BYTES, valid);
    }
    secret_wipe(tx, sizeof tx);
    secret_wipe(rx, sizeof rx);
    secret_wipe(real, sizeof real);
    secret_wipe(dummy, sizeof dummy);
    return err;
}

static size_t held_now(const struct party *party)
{
    return party->held_count < PEER_HELD_T3S ? party->held_count : PEER_HELD_T3S;
}

int party_hold_t3(struct party *party, const uint8_t t3[static REUNION_T3_BYTES])
{
    if (!party->held)
        party->held = malloc(PEER_HELD_T3S * sizeof *party->held);
    if (!party->held)
        return -ENOMEM;
    for (size_t i = 0; i < held_now(party); i++)
        if (memcmp(party->held[i], t3, REUNION_T3_BYTES) == 0)
            return 0;
    memcpy(party->held[party->held_count++ % PEER_HELD_T3S], t3, REUNION_T3_BYTES);
    return 0;
}

/* Open delta with the key that a T3 carries.
 * Returns: 0, -EBADMSG (not that T3), -ENOMEM. */
static int open_delta(uint8_t *payload, const struct party *party,
                      const struct session_secrets *session,
                      const uint8_t t3[static REUNION_T3_BYTES])
{
    uint8_t key[PRP_BYTES];
    int err = prp_decrypt(key, party->secrets->t3_key_rx, t3);
    if (!err)
        err = aead_open(payload, key, party->delta, party->delta_bytes, session->salt,
                        REUNION_SALT_BYTES);
    secret_wipe(key, sizeof key);
    return err;
}

int party_try_held(struct party *party, const struct session_secrets *session, bool *revealed)
{
    size_t payload_bytes = party->delta_bytes - AEAD_TAG_BYTES, held = held_now(party);
    uint8_t *attempt = secret_alloc(payload_bytes), *payload = secret_alloc(payload_bytes);
    int err = attempt && payload ? 0 : -ENOMEM;
    bool opened = false;

    /* All are tried, also behind the right one and after a reveal: time shows their number only. */
    for (size_t i = 0; !err && i < held; i++) {
        err = open_delta(attempt, party, session, party->held[i]);
        if (!err) {
            memcpy(payload, attempt, payload_bytes);
            opened = true;
        } else if (err == -EBADMSG) {
            err = 0;
        }
    }
    *revealed = !err && opened && !party->payload;
    if (*revealed) {
        party->payload = payload;
        party->payload_bytes = payload_bytes;
        payload = NULL;
    }
    secret_free(attempt);
    secret_free(payload);
    return err;
}
