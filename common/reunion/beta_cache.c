#include "reunion/beta_cache.h"

#include <stdlib.h>
#include <string.h>

#include "reunion/group_actions.h"

void beta_cache_open(struct beta_cache *cache)
{
    id_table_open(&cache->betas);
    secret_pool_open(&cache->shared_secrets, CTIDH1024_SHARED_BYTES);
    cache->calls = 0;
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

int beta_cache_wish(struct beta_cache *cache, struct beta_wish *wish,
                    const uint8_t public_key[static T1_BETA_BYTES])
{
    *wish = (struct beta_wish){0};
    if (!ctidh1024_public_is_reduced(public_key))
        return -EBADMSG;
    wish->beta = beta_cache_entry(cache, public_key);
    return wish->beta ? 0 : -ENOMEM;
}

bool beta_cache_knows(const struct beta_cache *cache,
                      const uint8_t public_key[static T1_BETA_BYTES])
{
    uint8_t id[HASH_BYTES];
    hash_bytes(id, public_key, T1_BETA_BYTES);
    const struct beta *beta = id_table_find(&cache->betas, id);
    return beta && beta->status != -EAGAIN;
}

/* The exchanges of one call, and whose they are. */
struct computation {
    struct ctidh1024_exchange *exchanges;
    struct beta_wish **askers;
    size_t count;
};

static void gather(struct computation *computation, struct beta_cache *cache,
                   struct beta_wish *wishes, size_t count)
{
    cache->calls++;
    for (size_t i = 0; i < count; i++) {
        struct beta *beta = wishes[i].beta;
        if (!beta || beta->status != -EAGAIN || beta->wanted == cache->calls)
            continue;
        beta->wanted = cache->calls;
        computation->askers[computation->count] = &wishes[i];
        computation->exchanges[computation->count++] = (struct ctidh1024_exchange){
            .public_key = beta->public_key, .shared = beta->shared, .status = -ECANCELED};
    }
}

/* Returns: 0, -ENOMEM (some lacked memory). */
static int note_results(const struct computation *computation)
{
    int err = 0;
    for (size_t i = 0; i < computation->count; i++) {
        struct beta_wish *asker = computation->askers[i];
        int status = computation->exchanges[i].status;
        if (status == 0 || status == -EBADMSG)
            asker->beta->status = status;
        asker->computed = status == 0;
        if (status == -ENOMEM)
            err = status;
    }
    return err;
}

int beta_cache_compute(struct beta_cache *cache,
                       const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                       struct beta_wish *wishes, size_t count, const struct reunion_work *work)
{
    struct computation computation = {.exchanges = calloc(count, sizeof *computation.exchanges),
                                      .askers = calloc(count, sizeof *computation.askers)};
    int err = computation.exchanges && computation.askers ? 0 : -ENOMEM;
    if (!err) {
        gather(&computation, cache, wishes, count);
        group_actions(secret, computation.exchanges, computation.count, work);
        err = note_results(&computation);
    }
    free(computation.exchanges);
    free(computation.askers);
    return err;
}

int beta_cache_copy(struct beta_cache *to, const struct beta_cache *from)
{
    size_t place = 0;
    const struct beta *beta;
    while ((beta = id_table_next(&from->betas, &place))) {
        if (beta->status == -EAGAIN)
            continue;
        struct beta *copy = beta_cache_entry(to, beta->public_key);
        if (!copy)
            return -ENOMEM;
        memcpy(copy->shared, beta->shared, CTIDH1024_SHARED_BYTES);
        copy->status = beta->status;
    }
    return 0;
}
