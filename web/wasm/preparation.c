/* A preparation without threads: others compute, and it keeps what they have computed. */
#include "wasm/preparation.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/secret.h"

struct reunion_preparation {
    uint8_t *secret; /* CTIDH1024_SECRET_BYTES */
    struct beta_cache betas;
    bool has_beta, is_taken;
    uint8_t beta[T1_BETA_BYTES];
};

int preparation_open(struct reunion_preparation **out, const uint8_t *seed)
{
    uint8_t own_seed[REUNION_SEED_BYTES];
    struct reunion_preparation *preparation = calloc(1, sizeof *preparation);
    uint8_t *secret = secret_alloc(CTIDH1024_SECRET_BYTES);
    if (!preparation || !secret) {
        free(preparation);
        secret_free(secret);
        return -ENOMEM;
    }
    random_fill(&random_system, own_seed, sizeof own_seed);
    preparation_draw_secret(secret, seed ? seed : own_seed);
    secret_wipe(own_seed, sizeof own_seed);
    preparation->secret = secret;
    beta_cache_open(&preparation->betas);
    *out = preparation;
    return 0;
}

void reunion_preparation_free(struct reunion_preparation *preparation)
{
    if (!preparation)
        return;
    beta_cache_close(&preparation->betas);
    secret_free(preparation->secret);
    free(preparation);
}

int preparation_take_key(struct reunion_preparation *preparation,
                         uint8_t secret[static CTIDH1024_SECRET_BYTES],
                         uint8_t beta[static T1_BETA_BYTES])
{
    if (preparation->is_taken)
        return -EINVAL;
    if (!preparation->has_beta) {
        int err =
            ctidh1024_public_derive(preparation->beta, preparation->secret, &random_system);
        if (err)
            return err;
        preparation->has_beta = true;
    }
    preparation->is_taken = true;
    memcpy(secret, preparation->secret, CTIDH1024_SECRET_BYTES);
    memcpy(beta, preparation->beta, T1_BETA_BYTES);
    return 0;
}

const uint8_t *preparation_secret(const struct reunion_preparation *preparation)
{
    return preparation->secret;
}

void preparation_set_beta(struct reunion_preparation *preparation,
                          const uint8_t beta[static T1_BETA_BYTES])
{
    memcpy(preparation->beta, beta, T1_BETA_BYTES);
    preparation->has_beta = true;
}

struct beta_cache *preparation_betas(struct reunion_preparation *preparation)
{
    return &preparation->betas;
}
