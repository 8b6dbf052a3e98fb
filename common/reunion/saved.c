/* A session as bytes that outlive the program, and back.
 *
 * DESIGN: format 1, integers big-endian:
 *
 *     "RSES"  format (4)
 *     salt (32)  pdk (32)  alpha key (32)  x25519 secret (32)  CTIDH secret (130)
 *     sk_gamma (32)  sk_delta (32)  dummy key (64)
 *     length (4)  T1
 *     count (4)   of betas that were computed: beta (128)  good (1)  shared secret (128)
 *     count (4)   of peers: T1 id (32)  T2 keys out and in (32 each)  T3 key in (32)  own T2 (32)
 *                 gamma (16)  length (4)  delta  count (4)  T3s held, the oldest first (32 each)
 *
 * Messages are not in it: the T3s held and the T3 key give them again. So its length depends on
 * what came, which everybody sees, and not on whether anybody was met. The decoy is made anew. */
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/secret.h"
#include "base/writer.h"
#include "ctidh/schedule.h"
#include "reunion/session.h"

enum { FORMAT = 1 };

static const uint8_t magic[4] = {'R', 'S', 'E', 'S'};

/* Writing. */

static void put_secrets(struct writer *to, const struct session_secrets *secrets)
{
    writer_put(to, secrets->salt, sizeof secrets->salt);
    writer_put(to, secrets->pdk, sizeof secrets->pdk);
    writer_put(to, secrets->alpha_key, sizeof secrets->alpha_key);
    writer_put(to, secrets->x25519_secret, sizeof secrets->x25519_secret);
    writer_put(to, secrets->ctidh_secret, sizeof secrets->ctidh_secret);
    writer_put(to, secrets->sk_gamma, sizeof secrets->sk_gamma);
    writer_put(to, secrets->sk_delta, sizeof secrets->sk_delta);
    writer_put(to, secrets->dummy_prk, sizeof secrets->dummy_prk);
}

static void put_betas(struct writer *to, const struct beta_cache *cache)
{
    uint32_t count = 0;
    const struct beta *beta;
    for (size_t place = 0; (beta = id_table_next(&cache->betas, &place));)
        count += beta->status != -EAGAIN;
    writer_be32(to, count);
    for (size_t place = 0; (beta = id_table_next(&cache->betas, &place));) {
        if (beta->status == -EAGAIN)
            continue;
        writer_put(to, beta->public_key, sizeof beta->public_key);
        writer_u8(to, beta->status == 0);
        writer_put(to, beta->shared, CTIDH1024_SHARED_BYTES);
    }
}

static void put_party(struct writer *to, const struct party *party)
{
    const struct party_secrets *secrets = party->secrets;
    writer_put(to, party->t1_id, sizeof party->t1_id);
    writer_put(to, secrets->t2_key_tx, sizeof secrets->t2_key_tx);
    writer_put(to, secrets->t2_key_rx, sizeof secrets->t2_key_rx);
    writer_put(to, secrets->t3_key_rx, sizeof secrets->t3_key_rx);
    writer_put(to, secrets->t2, sizeof secrets->t2);
    writer_put(to, party->gamma, sizeof party->gamma);
    writer_be32(to, (uint32_t)party->delta_bytes);
    writer_put(to, party->delta, party->delta_bytes);
    size_t held = party->held_count < PEER_HELD_T3S ? party->held_count : PEER_HELD_T3S;
    writer_be32(to, (uint32_t)held);
    for (size_t i = party->held_count - held; i < party->held_count; i++)
        writer_put(to, party->held[i % PEER_HELD_T3S], REUNION_T3_BYTES);
}

static void put_session(struct writer *to, const struct reunion_session *session)
{
    writer_put(to, magic, sizeof magic);
    writer_be32(to, FORMAT);
    put_secrets(to, session->secrets);
    writer_be32(to, (uint32_t)session->t1_bytes);
    writer_put(to, session->t1, session->t1_bytes);
    put_betas(to, &session->betas);
    writer_be32(to, (uint32_t)session->parties.count);
    const struct party *party;
    for (size_t place = 0; (party = id_table_next(&session->parties, &place));)
        put_party(to, party);
}

size_t reunion_session_save(const struct reunion_session *session, uint8_t *saved, size_t room)
{
    struct writer measure = {NULL, 0};
    put_session(&measure, session);
    if (saved && room >= measure.bytes) {
        struct writer to = {saved, 0};
        put_session(&to, session);
    }
    return measure.bytes;
}

/* Reading. Every count is bounded by the bytes that are left. */

/* The secrets, and whether they can be somebody's: the group action counts on that. */
static int take_secrets(struct cursor *from, struct session_secrets *secrets)
{
    cursor_copy(from, secrets->salt, sizeof secrets->salt);
    cursor_copy(from, secrets->pdk, sizeof secrets->pdk);
    cursor_copy(from, secrets->alpha_key, sizeof secrets->alpha_key);
    cursor_copy(from, secrets->x25519_secret, sizeof secrets->x25519_secret);
    cursor_copy(from, secrets->ctidh_secret, sizeof secrets->ctidh_secret);
    cursor_copy(from, secrets->sk_gamma, sizeof secrets->sk_gamma);
    cursor_copy(from, secrets->sk_delta, sizeof secrets->sk_delta);
    cursor_copy(from, secrets->dummy_prk, sizeof secrets->dummy_prk);
    struct schedule schedule;
    int err = schedule_open(&schedule, secrets->ctidh_secret);
    secret_wipe(&schedule, sizeof schedule);
    return err || from->failed ? -EBADMSG : 0;
}

/* One's own T1, which must be the one these secrets belong to. */
static int take_t1(struct cursor *from, struct reunion_session *session, size_t t1_bytes)
{
    struct t1_parts parts;
    uint8_t alpha_key[PRP_KEY_BYTES];
    cursor_copy(from, session->t1, t1_bytes);
    if (from->failed || t1_split(&parts, session->t1, t1_bytes))
        return -EBADMSG;
    t1_alpha_key(alpha_key, session->secrets->pdk, &parts);
    bool fits = secret_equal(alpha_key, session->secrets->alpha_key, sizeof alpha_key);
    secret_wipe(alpha_key, sizeof alpha_key);
    reunion_t1_id(session->t1_id, session->t1, t1_bytes);
    return fits ? 0 : -EBADMSG;
}

static int take_beta(struct cursor *from, struct beta_cache *cache)
{
    const uint8_t *public_key = cursor_take(from, T1_BETA_BYTES);
    uint8_t good = cursor_u8(from);
    const uint8_t *shared = cursor_take(from, CTIDH1024_SHARED_BYTES);
    if (from->failed || good > 1)
        return -EBADMSG;
    struct beta *beta = beta_cache_entry(cache, public_key);
    if (!beta)
        return -ENOMEM;
    if (beta->status != -EAGAIN)
        return -EBADMSG; /* twice */
    memcpy(beta->shared, shared, CTIDH1024_SHARED_BYTES);
    beta->status = good ? 0 : -EBADMSG;
    return 0;
}

static int take_betas(struct cursor *from, struct beta_cache *cache)
{
    uint32_t count = cursor_be32(from);
    int err = 0;
    for (uint32_t i = 0; i < count && !err; i++)
        err = take_beta(from, cache);
    return err;
}

static int take_held(struct cursor *from, struct party *party)
{
    uint32_t count = cursor_be32(from);
    if (from->failed || count > PEER_HELD_T3S)
        return -EBADMSG;
    int err = 0;
    for (uint32_t i = 0; i < count && !err; i++) {
        const uint8_t *t3 = cursor_take(from, REUNION_T3_BYTES);
        err = t3 ? party_hold_t3(party, t3) : -EBADMSG;
    }
    return err;
}

static int fill_party(struct cursor *from, struct party *party)
{
    struct party_secrets *secrets = party->secrets;
    cursor_copy(from, party->t1_id, sizeof party->t1_id);
    cursor_copy(from, secrets->t2_key_tx, sizeof secrets->t2_key_tx);
    cursor_copy(from, secrets->t2_key_rx, sizeof secrets->t2_key_rx);
    cursor_copy(from, secrets->t3_key_rx, sizeof secrets->t3_key_rx);
    cursor_copy(from, secrets->t2, sizeof secrets->t2);
    cursor_copy(from, party->gamma, sizeof party->gamma);
    party->delta_bytes = cursor_be32(from);
    if (from->failed || party->delta_bytes < AEAD_TAG_BYTES ||
        party->delta_bytes > AEAD_TAG_BYTES + REUNION_PAYLOAD_BYTES_MAX)
        return -EBADMSG;
    const uint8_t *delta = cursor_take(from, party->delta_bytes);
    if (!delta)
        return -EBADMSG;
    party->delta = malloc(party->delta_bytes);
    if (!party->delta)
        return -ENOMEM;
    memcpy(party->delta, delta, party->delta_bytes);
    return take_held(from, party);
}

static int take_peer(struct cursor *from, struct reunion_session *session)
{
    struct party *party = calloc(1, sizeof *party);
    if (!party)
        return -ENOMEM;
    party->secrets = secret_pool_take(&session->party_secrets);
    int err = party->secrets ? fill_party(from, party) : -ENOMEM;
    if (!err && (id_table_find(&session->parties, party->t1_id) ||
                 memcmp(party->t1_id, session->t1_id, sizeof party->t1_id) == 0))
        err = -EBADMSG;
    if (!err)
        err = id_table_insert(&session->parties, party->t1_id, party);
    if (err)
        party_free(party);
    return err ? err : session_reveal(session, party);
}

static int take_peers(struct cursor *from, struct reunion_session *session)
{
    uint32_t count = cursor_be32(from);
    int err = 0;
    for (uint32_t i = 0; i < count && !err; i++)
        err = take_peer(from, session);
    return err ? err : cursor_finish(from);
}

static int take_session(struct cursor *from, const struct session_secrets *secrets,
                        struct reunion_session **session)
{
    uint32_t t1_bytes = cursor_be32(from);
    if (from->failed || t1_bytes > from->left)
        return -EBADMSG;
    struct reunion_session *loaded = session_new(t1_bytes);
    if (!loaded)
        return -ENOMEM;
    *loaded->secrets = *secrets;
    int err = take_t1(from, loaded, t1_bytes);
    if (!err)
        err = session_make_decoy(loaded);
    if (!err)
        err = take_betas(from, &loaded->betas);
    if (!err)
        err = take_peers(from, loaded);
    if (err)
        reunion_session_free(loaded);
    else
        *session = loaded;
    return err;
}

int reunion_session_load(struct reunion_session **session, const uint8_t *saved, size_t bytes)
{
    int err = secret_init();
    if (err)
        return err;
    struct cursor from = cursor_over(saved, bytes);
    const uint8_t *mark = cursor_take(&from, sizeof magic);
    if (!mark || memcmp(mark, magic, sizeof magic) != 0)
        return -EBADMSG;
    uint32_t format = cursor_be32(&from);
    if (format != FORMAT)
        return format > FORMAT ? -ENOTSUP : -EBADMSG;
    struct session_secrets *secrets = secret_alloc(sizeof *secrets);
    if (!secrets)
        return -ENOMEM;
    err = take_secrets(&from, secrets);
    if (!err)
        err = take_session(&from, secrets, session);
    secret_free(secrets);
    return err;
}
