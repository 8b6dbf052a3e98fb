/* A session as the page has it. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "ctidh/ctidh.h"
#include "reunion/session.h"
#include "wasm/exports.h"
#include "wasm/preparation.h"

/* DESIGN: the CTIDH key is there before passphrase, message and salt are, so that Workers can begin
 * with group actions while somebody types. Their results wait in the preparation, and become the
 * session's when that is opened. */
struct web_party {
    struct reunion_preparation *preparation;
    struct reunion_seeds *seeds; /* of the known answers; else NULL */
    struct reunion_session *session;
    struct reunion_reveal revealed;
};

struct web_party *web_party_new(const uint8_t *seeds)
{
    struct web_party *party = secret_init() ? NULL : calloc(1, sizeof *party);
    if (!party)
        return NULL;
    if (seeds) {
        party->seeds = secret_alloc(sizeof *party->seeds);
        if (!party->seeds)
            goto fail;
        memcpy(party->seeds, seeds, sizeof *party->seeds);
    }
    if (!preparation_open(&party->preparation, seeds ? party->seeds->ctidh : NULL))
        return party;
fail:
    web_party_close(party);
    return NULL;
}

void web_party_close(struct web_party *party)
{
    if (!party)
        return;
    reunion_preparation_free(party->preparation);
    reunion_session_free(party->session);
    secret_free(party->seeds);
    free(party);
}

void web_party_secret(const struct web_party *party, uint8_t *secret)
{
    memcpy(secret, preparation_secret(party->preparation), CTIDH1024_SECRET_BYTES);
}

enum web_result web_party_set_beta(struct web_party *party, const uint8_t *beta)
{
    if (party->session || party->seeds)
        return WEB_EINVAL;
    preparation_set_beta(party->preparation, beta);
    return WEB_OK;
}

enum web_result web_party_set_shared(struct web_party *party, const uint8_t *beta,
                                     const uint8_t *shared)
{
    struct beta_cache *betas =
        party->session ? &party->session->betas : preparation_betas(party->preparation);
    struct beta *entry = beta_cache_entry(betas, beta);
    if (!entry)
        return WEB_ENOMEM;
    if (entry->status != -EAGAIN)
        return WEB_OK;
    if (shared)
        memcpy(entry->shared, shared, CTIDH1024_SHARED_BYTES);
    entry->status = shared ? 0 : -EBADMSG;
    return WEB_OK;
}

enum web_result web_party_open(struct web_party *party, const uint8_t *passphrase,
                               size_t passphrase_bytes, const uint8_t *message,
                               size_t message_bytes, const uint8_t *salt)
{
    if (party->session)
        return WEB_EINVAL;
    const struct reunion_setup setup = {
        .passphrase = passphrase,
        .passphrase_bytes = passphrase_bytes,
        .payload = message,
        .payload_bytes = message_bytes,
        .salt = salt,
        .seeds = party->seeds,
        .preparation = party->seeds ? NULL : party->preparation,
    };
    int err = reunion_session_open(&party->session, &setup);
    if (!err)
        err = beta_cache_copy(&party->session->betas, preparation_betas(party->preparation));
    return web_result_of(err);
}

const uint8_t *web_party_t1(const struct web_party *party)
{
    return party->session ? party->session->t1 : NULL;
}

size_t web_party_t1_bytes(const struct web_party *party)
{
    return party->session ? party->session->t1_bytes : 0;
}

const uint8_t *web_party_id(const struct web_party *party)
{
    return party->session ? party->session->t1_id : NULL;
}

int web_party_needs_work(const struct web_party *party, const uint8_t *t1, size_t bytes)
{
    return party->session ? reunion_session_needs_work(party->session, t1, bytes) : 0;
}

enum web_result web_party_receive_t1(struct web_party *party, const uint8_t *t1, size_t bytes,
                                     uint8_t *answer)
{
    struct reunion_t1 received = {.bytes = t1, .length = bytes};
    if (!party->session)
        return WEB_EINVAL;
    int err = reunion_session_receive_t1s(party->session, &received, 1,
                                          &(struct reunion_work){.threads = 1});
    memcpy(answer, received.id, sizeof received.id);
    memcpy(answer + sizeof received.id, received.t2, sizeof received.t2);
    return web_result_of(err ? err : received.status);
}

enum web_result web_party_receive_t2(struct web_party *party, const uint8_t *id, const uint8_t *t2,
                                     uint8_t *t3)
{
    if (!party->session)
        return WEB_EINVAL;
    return web_result_of(reunion_session_receive_t2(party->session, id, t2, t3));
}

enum web_result web_party_receive_t3(struct web_party *party, const uint8_t *id, const uint8_t *t3)
{
    if (!party->session)
        return WEB_EINVAL;
    return web_result_of(reunion_session_receive_t3(party->session, id, t3));
}

enum web_result web_party_next_reveal(struct web_party *party)
{
    if (!party->session)
        return WEB_EINVAL;
    return web_result_of(reunion_session_next_reveal(party->session, &party->revealed));
}

const uint8_t *web_party_revealed_id(const struct web_party *party)
{
    return party->revealed.t1_id;
}

const uint8_t *web_party_revealed(const struct web_party *party)
{
    return party->revealed.payload;
}

size_t web_party_revealed_bytes(const struct web_party *party)
{
    return party->revealed.payload_bytes;
}

enum web_result web_derive_public(const uint8_t *secret, uint8_t *beta)
{
    return web_result_of(ctidh1024_public_derive(beta, secret, &random_system));
}

enum web_result web_derive_shared(const uint8_t *secret, const uint8_t *beta, uint8_t *shared)
{
    struct ctidh1024_exchange exchange = {.public_key = beta, .shared = shared};
    int err = ctidh1024_derive(secret, &exchange, 1, &random_system, NULL);
    return web_result_of(err ? err : exchange.status);
}
