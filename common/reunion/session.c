#include "reunion/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/argon2i.h"
#include "crypto/hidden_key.h"
#include "reunion/preparation.h"

/* pdk = hkdf(argon2i(passphrase, salt), salt).expand("", 32) */
static int derive_pdk(struct session_secrets *secrets, const struct reunion_setup *setup)
{
    uint8_t hash[ARGON2I_HASH_BYTES], prk[HKDF_PRK_BYTES];
    int err = argon2i(hash, setup->passphrase, setup->passphrase_bytes, secrets->salt);
    if (!err)
        err = hkdf_extract(prk, hash, sizeof hash, secrets->salt, REUNION_SALT_BYTES);
    if (!err)
        err = hkdf_expand(secrets->pdk, sizeof secrets->pdk, prk, NULL, 0);
    secret_wipe(hash, sizeof hash);
    secret_wipe(prk, sizeof prk);
    return err;
}

/* H(pdk || seed || payload), the form of both content keys. */
static void content_key(uint8_t key[static HASH_BYTES], const struct session_secrets *secrets,
                        const uint8_t seed[static REUNION_SEED_BYTES],
                        const struct reunion_setup *setup)
{
    hash_parts(key,
               (struct hash_part[]){{secrets->pdk, sizeof secrets->pdk},
                                    {seed, REUNION_SEED_BYTES},
                                    {setup->payload, setup->payload_bytes}},
               3);
}

/* Argon2i and the CTIDH key take most of opening a session and have nothing in common, so they are
 * done side by side: the key by the preparation's thread. */
static int derive_pdk_and_ctidh_key(struct session_secrets *secrets, uint8_t *beta,
                                    const struct reunion_setup *setup,
                                    const struct reunion_seeds *seeds)
{
    struct reunion_preparation *own = NULL;
    int err = setup->preparation ? 0 : preparation_open(&own, seeds->ctidh);
    if (!err)
        err = derive_pdk(secrets, setup);
    if (!err)
        err = preparation_take_key(own ? own : setup->preparation, secrets->ctidh_secret, beta);
    reunion_preparation_free(own);
    return err;
}

/* Derive every secret and write the T1 into session->t1. */
static int compose_t1(struct reunion_session *session, const struct reunion_setup *setup,
                      const struct reunion_seeds *seeds)
{
    struct session_secrets *secrets = session->secrets;
    uint8_t *alpha = session->t1, *beta = alpha + T1_ALPHA_BYTES, *gamma = beta + T1_BETA_BYTES,
            *delta = gamma + T1_GAMMA_BYTES;
    uint8_t hidden[HIDDEN_KEY_BYTES];

    int err = derive_pdk_and_ctidh_key(secrets, beta, setup, seeds);
    if (!err)
        err = hkdf_extract(secrets->dummy_prk, seeds->dummy, sizeof seeds->dummy, secrets->salt,
                           REUNION_SALT_BYTES);
    if (err)
        return err;
    content_key(secrets->sk_gamma, secrets, seeds->gamma, setup);
    content_key(secrets->sk_delta, secrets, seeds->delta, setup);
    aead_seal(gamma, secrets->sk_gamma, NULL, 0, secrets->salt, REUNION_SALT_BYTES);
    aead_seal(delta, secrets->sk_delta, setup->payload, setup->payload_bytes, secrets->salt,
              REUNION_SALT_BYTES);

    struct t1_parts parts;
    err = t1_split(&parts, session->t1, session->t1_bytes);
    INVARIANT(!err);
    t1_alpha_key(secrets->alpha_key, secrets->pdk, &parts);
    hidden_key_pair(hidden, secrets->x25519_secret, seeds->dh);
    err = prp_encrypt(alpha, secrets->alpha_key, hidden);
    reunion_t1_id(session->t1_id, session->t1, session->t1_bytes);
    secret_wipe(hidden, sizeof hidden);
    return err;
}

/* The T1 and shared secret of the decoy are random. */
int session_make_decoy(struct reunion_session *session)
{
    uint8_t t1[REUNION_T1_OVERHEAD_BYTES], id[REUNION_T1_ID_BYTES];
    uint8_t shared[CTIDH1024_SHARED_BYTES];
    struct t1_parts parts;

    random_fill(&random_system, t1, sizeof t1);
    random_fill(&random_system, shared, sizeof shared);
    reunion_t1_id(id, t1, sizeof t1);
    int err = t1_split(&parts, t1, sizeof t1);
    INVARIANT(!err);
    struct party_secrets *slot = secret_pool_take(&session->party_secrets);
    if (slot)
        session->decoy = party_new(session->secrets, id, &parts, shared, slot);
    secret_wipe(shared, sizeof shared);
    return session->decoy ? 0 : -ENOMEM;
}

static int check_setup(const struct reunion_setup *setup)
{
    if (!setup->passphrase || setup->passphrase_bytes < 1 ||
        setup->passphrase_bytes > REUNION_PASSPHRASE_BYTES_MAX)
        return -EINVAL;
    if (setup->payload_bytes > REUNION_PAYLOAD_BYTES_MAX ||
        (!setup->payload && setup->payload_bytes > 0))
        return -EINVAL;
    if (setup->preparation && setup->seeds)
        return -EINVAL;
    return 0;
}

struct reunion_session *session_new(size_t t1_bytes)
{
    struct reunion_session *session = calloc(1, sizeof *session);
    if (!session)
        return NULL;
    _Static_assert(sizeof(struct party_secrets) % 16 == 0, "slots of a secret_pool");
    beta_cache_open(&session->betas);
    secret_pool_open(&session->party_secrets, sizeof(struct party_secrets));
    id_table_open(&session->parties);
    session->last_revealed = &session->first_revealed;
    session->t1_bytes = t1_bytes;
    session->t1 = calloc(1, t1_bytes);
    session->secrets = secret_alloc(sizeof *session->secrets);
    if (!session->t1 || !session->secrets) {
        reunion_session_free(session);
        return NULL;
    }
    return session;
}

int reunion_session_open(struct reunion_session **out, const struct reunion_setup *setup)
{
    int err = check_setup(setup);
    if (!err)
        err = secret_init();
    if (err)
        return err;

    struct reunion_session *session = session_new(REUNION_T1_OVERHEAD_BYTES + setup->payload_bytes);
    struct reunion_seeds *seeds = secret_alloc(sizeof *seeds);
    if (!session || !seeds) {
        err = -ENOMEM;
        goto out;
    }
    if (setup->salt)
        memcpy(session->secrets->salt, setup->salt, REUNION_SALT_BYTES);
    if (setup->seeds)
        *seeds = *setup->seeds;
    else
        random_fill(&random_system, (uint8_t *)seeds, sizeof *seeds);

    err = compose_t1(session, setup, seeds);
    if (!err)
        err = session_make_decoy(session);
    if (!err) {
        *out = session;
        session = NULL;
    }
out:
    secret_free(seeds);
    reunion_session_free(session);
    return err;
}

void reunion_session_free(struct reunion_session *session)
{
    if (!session)
        return;
    size_t place = 0;
    struct party *party;
    while ((party = id_table_next(&session->parties, &place)))
        party_free(party);
    party_free(session->decoy);
    id_table_close(&session->parties);
    secret_pool_close(&session->party_secrets);
    beta_cache_close(&session->betas);
    secret_free(session->secrets);
    free(session->t1);
    free(session);
}

const uint8_t *reunion_session_t1(const struct reunion_session *session, size_t *t1_bytes)
{
    *t1_bytes = session->t1_bytes;
    return session->t1;
}

const uint8_t *reunion_session_t1_id(const struct reunion_session *session)
{
    return session->t1_id;
}

const char *reunion_error_text(int code)
{
    return err_text(code);
}

const char *reunion_engine(void)
{
    return ctidh1024_engine_name();
}

int reunion_engine_check(void)
{
    return ctidh1024_engine_check();
}

size_t reunion_t1s_at_once(void)
{
    return ctidh1024_lanes();
}
