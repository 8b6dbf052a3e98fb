#include "reunion/beta_cache.h"

#include <stdlib.h>
#include <string.h>

void beta_cache_open(struct beta_cache *cache)
{
    id_table_open(&cache->betas);
    secret_pool_open(&cache->shared_secrets, CTIDH1024_SHARED_BYTES);
}

void beta_cache_close(struct beta_cache *cache)
{
    size_t place = 0;
    struct beta *beta;
    while ((beta = id_table_next(&cache->betas, &place)))
        free(beta);
    id_table_close(&cache->betas);
    secret_pool_close(&cache->shared_secrets);
}

struct beta *beta_cache_entry(struct beta_cache *cache,
                              const uint8_t public_key[static T1_BETA_BYTES])
{
    uint8_t id[HASH_BYTES];
    hash_bytes(id, public_key, T1_BETA_BYTES);
    struct beta *beta = id_table_find(&cache->betas, id);
    if (beta)
        return beta;

    beta = calloc(1, sizeof *beta);
    uint8_t *shared = secret_pool_take(&cache->shared_secrets);
    if (!beta || !shared)
        goto fail;
    memcpy(beta->id, id, sizeof id);
    memcpy(beta->public_key, public_key, T1_BETA_BYTES);
    beta->shared = shared;
    beta->status = -EAGAIN;
    if (id_table_insert(&cache->betas, beta->id, beta))
        goto fail;
    return beta;
fail:
    free(beta); /* a slot of the pool, if one was taken, goes with the pool */
    return NULL;
}

bool beta_cache_knows(const struct beta_cache *cache,
                      const uint8_t public_key[static T1_BETA_BYTES])
{
    uint8_t id[HASH_BYTES];
    hash_bytes(id, public_key, T1_BETA_BYTES);
    const struct beta *beta = id_table_find(&cache->betas, id);
    return beta && beta->status != -EAGAIN;
}
