#include "lib/fake_session.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/random.h"
#include "crypto/hash.h"
#include "reunion/reunion.h"
#include "wire/sizes.h"

enum { PEERS_MAX = 4096, T3S_MAX = 64, PREPARED_MAX = 64 };

static const uint8_t nothing[HASH_BYTES];

atomic_size_t fake_session_prepared;
atomic_size_t fake_session_actions, fake_session_opened, fake_session_open, fake_session_cancel;
size_t fake_session_at_once = 1;
void (*fake_session_opening)(void);

struct fake_peer {
    uint8_t id[ID_BYTES], beta[FAKE_T1_BETA_BYTES];
    uint8_t payload[MESSAGE_BYTES];
    bool valid;     /* its T2 was right */
    uint8_t t2[32]; /* that T2 */
    uint8_t t3s[T3S_MAX][32];
    size_t t3_count;
    bool revealed, handed_out;
};

struct fake_beta {
    uint8_t bytes[FAKE_T1_BETA_BYTES];
};

struct reunion_preparation {
    size_t count;
    struct fake_beta betas[PREPARED_MAX];
};

struct reunion_session {
    struct reunion_preparation prepared;
    uint8_t passphrase[HASH_BYTES]; /* hashed with the salt */
    uint8_t t1[RECORD_T1_BYTES];
    uint8_t id[ID_BYTES];
    size_t peer_count;
    struct fake_peer peers[PEERS_MAX]; /* only those there are go to paper */
};

size_t reunion_t1s_at_once(void)
{
    return fake_session_at_once;
}

void reunion_t1_id(uint8_t id[REUNION_T1_ID_BYTES], const uint8_t *t1, size_t t1_bytes)
{
    hash_bytes(id, t1, t1_bytes);
}

int reunion_session_open(struct reunion_session **session, const struct reunion_setup *setup)
{
    INVARIANT(setup->payload_bytes == MESSAGE_BYTES && setup->passphrase_bytes > 0);
    struct reunion_session *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    hash_parts(opened->passphrase,
               (struct hash_part[]){{setup->passphrase, setup->passphrase_bytes},
                                    {setup->salt ? setup->salt : nothing, REUNION_SALT_BYTES}},
               2);
    random_fill(&random_system, opened->t1, 32);
    memcpy(opened->t1 + RECORD_T1_BYTES - MESSAGE_BYTES, setup->payload, MESSAGE_BYTES);
    reunion_t1_id(opened->id, opened->t1, RECORD_T1_BYTES);
    if (fake_session_opening)
        fake_session_opening();
    fake_session_opened++;
    fake_session_open++;
    *session = opened;
    return 0;
}

void reunion_session_free(struct reunion_session *session)
{
    if (session)
        fake_session_open--;
    free(session);
}

static const uint8_t magic[4] = {'f', 'a', 'k', 'e'};

static size_t paper_bytes(size_t peers)
{
    return offsetof(struct reunion_session, peers) + peers * sizeof(struct fake_peer);
}

size_t reunion_session_save(const struct reunion_session *session, uint8_t *saved, size_t room)
{
    size_t bytes = paper_bytes(session->peer_count);
    if (saved && room >= sizeof magic + bytes) {
        memcpy(saved, magic, sizeof magic);
        memcpy(saved + sizeof magic, session, bytes);
    }
    return sizeof magic + bytes;
}

int reunion_session_load(struct reunion_session **session, const uint8_t *saved, size_t bytes)
{
    if (bytes < sizeof magic + paper_bytes(0) || bytes > sizeof magic + paper_bytes(PEERS_MAX) ||
        memcmp(saved, magic, sizeof magic) != 0)
        return -EBADMSG;
    struct reunion_session *loaded = calloc(1, sizeof *loaded);
    if (!loaded)
        return -ENOMEM;
    memcpy(loaded, saved + sizeof magic, bytes - sizeof magic);
    if (bytes != sizeof magic + paper_bytes(loaded->peer_count)) {
        free(loaded);
        return -EBADMSG;
    }
    for (size_t i = 0; i < loaded->peer_count; i++)
        loaded->peers[i].handed_out = false;
    fake_session_open++;
    *session = loaded;
    return 0;
}

const uint8_t *reunion_session_t1(const struct reunion_session *session, size_t *t1_bytes)
{
    *t1_bytes = RECORD_T1_BYTES;
    return session->t1;
}

const uint8_t *reunion_session_t1_id(const struct reunion_session *session)
{
    return session->id;
}

/* The record that `from` sends to `to` where both know the passphrase; `about` is the T2 a T3
 * answers. */
static void make(uint8_t out[static HASH_BYTES], const char *kind, const uint8_t *passphrase,
                 const uint8_t *from, const uint8_t *to, const uint8_t *about)
{
    hash_parts(out,
               (struct hash_part[]){{kind, strlen(kind)},
                                    {passphrase, HASH_BYTES},
                                    {from, ID_BYTES},
                                    {to, ID_BYTES},
                                    {about, HASH_BYTES}},
               5);
}

static struct fake_peer *find(struct reunion_session *session, const uint8_t *id)
{
    for (size_t i = 0; i < session->peer_count; i++)
        if (memcmp(session->peers[i].id, id, ID_BYTES) == 0)
            return &session->peers[i];
    return NULL;
}

static bool is_prepared(const struct reunion_preparation *preparation, const uint8_t *t1)
{
    for (size_t i = 0; i < preparation->count; i++)
        if (memcmp(preparation->betas[i].bytes, t1, FAKE_T1_BETA_BYTES) == 0)
            return true;
    return false;
}

int reunion_preparation_open(struct reunion_preparation **preparation)
{
    *preparation = calloc(1, sizeof **preparation);
    return *preparation ? 0 : -ENOMEM;
}

void reunion_preparation_free(struct reunion_preparation *preparation)
{
    free(preparation);
}

int reunion_preparation_receive_t1s(struct reunion_preparation *preparation, struct reunion_t1 *t1s,
                                    size_t count, const struct reunion_work *work)
{
    INVARIANT(work->threads > 0 && work->canceled);
    for (size_t i = 0; i < count; i++) {
        t1s[i].status = t1s[i].bytes[FAKE_T1_INVALID_AT] != 0 ? -EBADMSG : 0;
        t1s[i].computed = t1s[i].status == 0 && !is_prepared(preparation, t1s[i].bytes);
        if (!t1s[i].computed)
            continue;
        INVARIANT(preparation->count < PREPARED_MAX);
        memcpy(preparation->betas[preparation->count++].bytes, t1s[i].bytes, FAKE_T1_BETA_BYTES);
        fake_session_actions++;
        fake_session_prepared++;
    }
    return 0;
}

int reunion_session_adopt(struct reunion_session *session,
                          const struct reunion_preparation *preparation)
{
    session->prepared = *preparation;
    return 0;
}

static bool has_beta(const struct reunion_session *session, const uint8_t *t1)
{
    if (is_prepared(&session->prepared, t1))
        return true;
    for (size_t i = 0; i < session->peer_count; i++)
        if (memcmp(session->peers[i].beta, t1, FAKE_T1_BETA_BYTES) == 0)
            return true;
    return false;
}

int reunion_session_needs_work(const struct reunion_session *session, const uint8_t *t1,
                               size_t t1_bytes)
{
    return t1_bytes == RECORD_T1_BYTES && t1[FAKE_T1_INVALID_AT] == 0 && !has_beta(session, t1);
}

size_t reunion_session_t1s(const struct reunion_session *session)
{
    return session->peer_count;
}

static int receive_t1(struct reunion_session *session, struct reunion_t1 *t1)
{
    memset(t1->id, 0, sizeof t1->id);
    memset(t1->t2, 0, sizeof t1->t2);
    t1->computed = 0;
    if (t1->length != RECORD_T1_BYTES)
        return -EMSGSIZE;
    reunion_t1_id(t1->id, t1->bytes, t1->length);
    if (memcmp(t1->id, session->id, ID_BYTES) == 0)
        return -ELOOP;
    if (fake_session_cancel > 0) {
        fake_session_cancel--;
        return -ECANCELED;
    }
    if (t1->bytes[FAKE_T1_INVALID_AT] != 0)
        return -EBADMSG;
    if (!find(session, t1->id)) {
        INVARIANT(session->peer_count < PEERS_MAX);
        t1->computed = !has_beta(session, t1->bytes);
        fake_session_actions += (size_t)t1->computed;
        struct fake_peer *peer = &session->peers[session->peer_count++];
        memcpy(peer->id, t1->id, ID_BYTES);
        memcpy(peer->beta, t1->bytes, FAKE_T1_BETA_BYTES);
        memcpy(peer->payload, t1->bytes + RECORD_T1_BYTES - MESSAGE_BYTES, MESSAGE_BYTES);
    }
    make(t1->t2, "t2", session->passphrase, session->id, t1->id, nothing);
    return 0;
}

int reunion_session_receive_t1s(struct reunion_session *session, struct reunion_t1 *t1s,
                                size_t count, const struct reunion_work *work)
{
    INVARIANT(work->threads > 0 && work->canceled);
    for (size_t i = 0; i < count; i++)
        t1s[i].status = receive_t1(session, &t1s[i]);
    return 0;
}

static void try_reveal(struct reunion_session *session, struct fake_peer *peer)
{
    uint8_t mine[HASH_BYTES], right[HASH_BYTES];
    make(mine, "t2", session->passphrase, session->id, peer->id, nothing);
    make(right, "t3", session->passphrase, peer->id, session->id, mine);
    for (size_t i = 0; i < peer->t3_count && peer->valid; i++)
        if (memcmp(peer->t3s[i], right, HASH_BYTES) == 0)
            peer->revealed = true;
}

int reunion_session_receive_t2(struct reunion_session *session,
                               const uint8_t t1_id[REUNION_T1_ID_BYTES],
                               const uint8_t t2[REUNION_T2_BYTES], uint8_t t3[REUNION_T3_BYTES])
{
    uint8_t right[HASH_BYTES];
    struct fake_peer *peer = find(session, t1_id);
    make(right, "t2", session->passphrase, t1_id, session->id, nothing);
    bool valid = peer && memcmp(right, t2, HASH_BYTES) == 0;
    make(t3, valid ? "t3" : "dummy", session->passphrase, session->id, t1_id, t2);
    if (valid) {
        peer->valid = true;
        try_reveal(session, peer);
    }
    return 0;
}

int reunion_session_receive_t3(struct reunion_session *session,
                               const uint8_t t1_id[REUNION_T1_ID_BYTES],
                               const uint8_t t3[REUNION_T3_BYTES])
{
    struct fake_peer *peer = find(session, t1_id);
    if (!peer)
        return -ENOENT;
    if (peer->t3_count < T3S_MAX)
        memcpy(peer->t3s[peer->t3_count++], t3, HASH_BYTES);
    try_reveal(session, peer);
    return 0;
}

int reunion_session_next_reveal(struct reunion_session *session, struct reunion_reveal *reveal)
{
    for (size_t i = 0; i < session->peer_count; i++) {
        struct fake_peer *peer = &session->peers[i];
        if (!peer->revealed || peer->handed_out)
            continue;
        peer->handed_out = true;
        *reveal = (struct reunion_reveal){peer->id, peer->payload, MESSAGE_BYTES};
        return 0;
    }
    return -ENOENT;
}
