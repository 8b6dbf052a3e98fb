#include "box/key_cache.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { CHAINS_MIN = 64 };

_Static_assert(sizeof(struct box_packet_key) % 16 == 0, "a slot of a pool");

int key_cache_init(struct key_cache *cache, size_t idle_max, const struct random_source *random)
{
    INVARIANT(idle_max > 0);
    *cache = (struct key_cache){.idle_max = idle_max, .chain_count = CHAINS_MIN};
    while (cache->chain_count < idle_max)
        cache->chain_count *= 2;
    cache->chains = calloc(cache->chain_count, sizeof *cache->chains);
    if (!cache->chains)
        return -ENOMEM;
    TAILQ_INIT(&cache->idle);
    random_fill(random, cache->hash_key, sizeof cache->hash_key);
    secret_pool_open(&cache->pool, sizeof(struct box_packet_key));
    return 0;
}

static struct key_chain *chain_of(struct key_cache *cache, const uint8_t *session)
{
    uint64_t hash;
    _Static_assert(sizeof cache->hash_key == crypto_shorthash_KEYBYTES, "SipHash's key");
    crypto_shorthash((uint8_t *)&hash, session, BOX_KEY_BYTES, cache->hash_key);
    return &cache->chains[hash & (cache->chain_count - 1)];
}

void key_cache_hold(struct key_cache *cache, struct cached_key *key)
{
    if (key->users++ > 0)
        return;
    TAILQ_REMOVE(&cache->idle, key, idle);
    cache->idle_count--;
}

struct cached_key *key_cache_find(struct key_cache *cache,
                                  const uint8_t session[static BOX_KEY_BYTES])
{
    struct cached_key *key;
    LIST_FOREACH(key, chain_of(cache, session), chain)
    {
        if (memcmp(key->key->client_session, session, BOX_KEY_BYTES) != 0)
            continue;
        key_cache_hold(cache, key);
        return key;
    }
    return NULL;
}

int key_cache_make(struct key_cache *cache, const uint8_t secret[static BOX_KEY_BYTES],
                   const uint8_t session[static BOX_KEY_BYTES], struct cached_key **made)
{
    struct cached_key *key = calloc(1, sizeof *key);
    if (!key)
        return -ENOMEM;
    key->key = secret_pool_take(&cache->pool);
    int err = key->key ? box_packet_key_of(key->key, secret, session) : -ENOMEM;
    if (err) {
        key_cache_discard(cache, key);
        return err;
    }
    key->users = 1;
    TAILQ_INIT(&key->feeds);
    *made = key;
    return 0;
}

void key_cache_add(struct key_cache *cache, struct cached_key *made)
{
    LIST_INSERT_HEAD(chain_of(cache, made->key->client_session), made, chain);
}

void key_cache_discard(struct key_cache *cache, struct cached_key *made)
{
    secret_pool_give(&cache->pool, made->key);
    free(made);
}

static void evict(struct key_cache *cache, struct cached_key *key)
{
    TAILQ_REMOVE(&cache->idle, key, idle);
    cache->idle_count--;
    LIST_REMOVE(key, chain);
    key_cache_discard(cache, key);
}

void key_cache_release(struct key_cache *cache, struct cached_key *key)
{
    INVARIANT(key->users > 0);
    if (--key->users > 0)
        return;
    TAILQ_INSERT_TAIL(&cache->idle, key, idle);
    if (++cache->idle_count > cache->idle_max)
        evict(cache, TAILQ_FIRST(&cache->idle));
}

void key_cache_free(struct key_cache *cache)
{
    if (!cache->chains)
        return;
    while (!TAILQ_EMPTY(&cache->idle))
        evict(cache, TAILQ_FIRST(&cache->idle));
    for (size_t i = 0; i < cache->chain_count; i++)
        INVARIANT(LIST_EMPTY(&cache->chains[i]));
    secret_wipe(cache->hash_key, sizeof cache->hash_key);
    secret_pool_close(&cache->pool);
    free(cache->chains);
    cache->chains = NULL;
}
