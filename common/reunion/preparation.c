#include "reunion/preparation.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/secret.h"
#include "reunion/session.h"

struct reunion_preparation {
    uint8_t *secret; /* guarded, CTIDH1024_SECRET_BYTES; never changes */
    struct beta_cache betas;

    pthread_t helper; /* which computes the public key */
    bool helped;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t finished;
    bool is_finished, is_taken;
    int err;
    uint8_t beta[T1_BETA_BYTES];
};

static void *derive_public_key(void *of_preparation)
{
    struct reunion_preparation *preparation = of_preparation;
    uint8_t beta[T1_BETA_BYTES];
    int err = ctidh1024_public_derive(beta, preparation->secret, &random_system);
    INVARIANT(err != -EINVAL);
    pthread_mutex_lock(&preparation->lock);
    preparation->err = err;
    preparation->is_finished = true;
    if (!err)
        memcpy(preparation->beta, beta, sizeof beta);
    pthread_cond_broadcast(&preparation->finished);
    pthread_mutex_unlock(&preparation->lock);
    return NULL;
}

int preparation_open(struct reunion_preparation **out, const uint8_t *seed)
{
    uint8_t own_seed[REUNION_SEED_BYTES];
    struct reunion_preparation *preparation = calloc(1, sizeof *preparation);
    if (!preparation)
        return -ENOMEM;
    preparation->secret = secret_alloc(CTIDH1024_SECRET_BYTES);
    if (!preparation->secret) {
        free(preparation);
        return -ENOMEM;
    }
    if (!seed)
        random_fill(&random_system, own_seed, sizeof own_seed);
    preparation_draw_secret(preparation->secret, seed ? seed : own_seed);
    secret_wipe(own_seed, sizeof own_seed);
    beta_cache_open(&preparation->betas);
    pthread_mutex_init(&preparation->lock, NULL);
    pthread_cond_init(&preparation->finished, NULL);
    preparation->helped =
        pthread_create(&preparation->helper, NULL, derive_public_key, preparation) == 0;
    if (!preparation->helped)
        derive_public_key(preparation);
    *out = preparation;
    return 0;
}

int reunion_preparation_open(struct reunion_preparation **preparation)
{
    int err = secret_init();
    return err ? err : preparation_open(preparation, NULL);
}

void reunion_preparation_free(struct reunion_preparation *preparation)
{
    if (!preparation)
        return;
    if (preparation->helped)
        INVARIANT(pthread_join(preparation->helper, NULL) == 0);
    pthread_cond_destroy(&preparation->finished);
    pthread_mutex_destroy(&preparation->lock);
    beta_cache_close(&preparation->betas);
    secret_free(preparation->secret);
    free(preparation);
}

static void wish_for(struct reunion_preparation *preparation, struct reunion_t1 *t1,
                     struct beta_wish *wish)
{
    struct t1_parts parts;
    memset(t1->id, 0, sizeof t1->id);
    memset(t1->t2, 0, sizeof t1->t2);
    t1->computed = 0;
    t1->status = t1_split(&parts, t1->bytes, t1->length);
    if (t1->status)
        return;
    reunion_t1_id(t1->id, t1->bytes, t1->length);
    t1->status = beta_cache_wish(&preparation->betas, wish, parts.beta);
}

static void note_result(struct reunion_t1 *t1, const struct beta_wish *wish, int lacking)
{
    if (!wish->beta)
        return;
    t1->computed = wish->computed;
    t1->status = wish->beta->status != -EAGAIN ? wish->beta->status
                 : lacking                     ? lacking
                                               : -ECANCELED;
}

int reunion_preparation_receive_t1s(struct reunion_preparation *preparation, struct reunion_t1 *t1s,
                                    size_t count, const struct reunion_work *work)
{
    if (count == 0)
        return 0;
    if (!t1s)
        return -EINVAL;
    struct beta_wish *wishes = calloc(count, sizeof *wishes);
    int err = wishes ? 0 : -ENOMEM;
    for (size_t i = 0; i < count && !err; i++)
        wish_for(preparation, &t1s[i], &wishes[i]);
    if (!err)
        err = beta_cache_compute(&preparation->betas, preparation->secret, wishes, count, work);
    for (size_t i = 0; i < count; i++) {
        if (wishes)
            note_result(&t1s[i], &wishes[i], err);
        else
            t1s[i].status = -ENOMEM;
    }
    free(wishes);
    return 0;
}

int preparation_take_key(struct reunion_preparation *preparation,
                         uint8_t secret[static CTIDH1024_SECRET_BYTES],
                         uint8_t beta[static T1_BETA_BYTES])
{
    pthread_mutex_lock(&preparation->lock);
    while (!preparation->is_finished)
        pthread_cond_wait(&preparation->finished, &preparation->lock);
    int err = preparation->is_taken ? -EINVAL : preparation->err;
    if (!err) {
        preparation->is_taken = true;
        memcpy(secret, preparation->secret, CTIDH1024_SECRET_BYTES);
        memcpy(beta, preparation->beta, T1_BETA_BYTES);
    }
    pthread_mutex_unlock(&preparation->lock);
    return err;
}

int reunion_session_adopt(struct reunion_session *session,
                          const struct reunion_preparation *preparation)
{
    const uint8_t *beta = session->t1 + T1_ALPHA_BYTES;
    if (!preparation->is_taken || memcmp(beta, preparation->beta, T1_BETA_BYTES) != 0)
        return -EINVAL;
    return beta_cache_copy(&session->betas, &preparation->betas);
}
