#include "mix/sessions.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { CHAINS_MIN = 64 };

int sessions_init(struct sessions *sessions, size_t count, const struct random_source *random)
{
    INVARIANT(count > 0);
    *sessions = (struct sessions){.count = count, .chain_count = CHAINS_MIN};
    while (sessions->chain_count < count)
        sessions->chain_count *= 2;
    TAILQ_INIT(&sessions->spare);
    TAILQ_INIT(&sessions->used);
    sessions->items = calloc(count, sizeof *sessions->items);
    sessions->by_key = calloc(sessions->chain_count, sizeof *sessions->by_key);
    sessions->by_handle = calloc(sessions->chain_count, sizeof *sessions->by_handle);
    sessions->keys = secret_alloc(count * sizeof *sessions->keys);
    if (!sessions->items || !sessions->by_key || !sessions->by_handle || !sessions->keys)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        TAILQ_INSERT_TAIL(&sessions->spare, &sessions->items[i], age);
    random_fill(random, sessions->hash_key, sizeof sessions->hash_key);
    return 0;
}

void sessions_free(struct sessions *sessions)
{
    secret_free(sessions->keys);
    /* Addresses of clients. */
    if (sessions->items)
        secret_wipe(sessions->items, sessions->count * sizeof *sessions->items);
    free(sessions->items);
    free(sessions->by_key);
    free(sessions->by_handle);
    secret_wipe(sessions, sizeof *sessions);
}

static size_t chain_of(const struct sessions *sessions, const uint8_t *name, size_t bytes)
{
    uint64_t hash;
    _Static_assert(sizeof sessions->hash_key == crypto_shorthash_KEYBYTES, "SipHash's key");
    crypto_shorthash((uint8_t *)&hash, name, bytes, sessions->hash_key);
    return hash & (sessions->chain_count - 1);
}

static struct box_packet_key *key_of(const struct sessions *sessions, const struct session *session)
{
    return &sessions->keys[session - sessions->items];
}

const struct box_packet_key *sessions_key(const struct sessions *sessions,
                                          const struct session *session)
{
    return key_of(sessions, session);
}

struct session *sessions_find(struct sessions *sessions, const uint8_t key[static BOX_KEY_BYTES])
{
    struct session *session;
    LIST_FOREACH(session, &sessions->by_key[chain_of(sessions, key, BOX_KEY_BYTES)], by_key)
    {
        if (memcmp(key_of(sessions, session)->client_session, key, BOX_KEY_BYTES) == 0)
            return session;
    }
    return NULL;
}

const struct session *sessions_by_handle(const struct sessions *sessions,
                                         const uint8_t handle[static MIX_HANDLE_BYTES])
{
    const struct session *session;
    size_t chain = chain_of(sessions, handle, MIX_HANDLE_BYTES);
    LIST_FOREACH(session, &sessions->by_handle[chain], by_handle)
    {
        if (memcmp(session->handle, handle, MIX_HANDLE_BYTES) == 0)
            return session;
    }
    return NULL;
}

static void forget(struct sessions *sessions, struct session *session)
{
    LIST_REMOVE(session, by_key);
    LIST_REMOVE(session, by_handle);
    TAILQ_REMOVE(&sessions->used, session, age);
    secret_wipe(key_of(sessions, session), sizeof(struct box_packet_key));
    secret_wipe(session, sizeof *session);
    TAILQ_INSERT_HEAD(&sessions->spare, session, age);
}

struct session *sessions_add(struct sessions *sessions, const struct box_packet_key *key)
{
    if (TAILQ_EMPTY(&sessions->spare))
        forget(sessions, TAILQ_FIRST(&sessions->used));
    struct session *session = TAILQ_FIRST(&sessions->spare);
    TAILQ_REMOVE(&sessions->spare, session, age);
    *key_of(sessions, session) = *key;
    mix_handle(session->handle, key->client_session);
    size_t by_key = chain_of(sessions, key->client_session, BOX_KEY_BYTES);
    size_t by_handle = chain_of(sessions, session->handle, MIX_HANDLE_BYTES);
    LIST_INSERT_HEAD(&sessions->by_key[by_key], session, by_key);
    LIST_INSERT_HEAD(&sessions->by_handle[by_handle], session, by_handle);
    TAILQ_INSERT_TAIL(&sessions->used, session, age);
    return session;
}

void sessions_note(struct sessions *sessions, struct session *session,
                   const struct datagram_path *path, const uint8_t a[static BOX_PACKET_A_BYTES],
                   int64_t now_ms)
{
    session->path = *path;
    memcpy(session->a, a, BOX_PACKET_A_BYTES);
    session->seen_ms = now_ms;
    TAILQ_REMOVE(&sessions->used, session, age);
    TAILQ_INSERT_TAIL(&sessions->used, session, age);
}

void sessions_forget(struct sessions *sessions, int64_t now_ms)
{
    struct session *oldest;
    while ((oldest = TAILQ_FIRST(&sessions->used)) && now_ms - oldest->seen_ms >= SESSION_MS)
        forget(sessions, oldest);
}
