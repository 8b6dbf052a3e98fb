#include "ctidh/ctidh.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "ctidh/engine.h"
#include "ctidh/fp1024.h"
#include "ctidh/schedule.h"
#include "ctidh/shake256.h"

_Static_assert((int)CTIDH1024_SECRET_BYTES == (int)PRIMES, "one byte for each prime");
_Static_assert((int)CTIDH1024_PUBLIC_BYTES == (int)FP1024_BYTES, "a public key is a field element");

/* Field and curve functions leave their temporaries on the stack: wiping them one by one in
 * functions of a microsecond would cost more than their work. This wipes what they all used, called
 * from the frame that called them. */
__attribute__((noinline)) static void wipe_stack_below(void)
{
    uint8_t below[ENGINE_STACK_BYTES];
    secret_wipe(below, sizeof below);
}

void journey_open(struct journey *journey, const uint8_t a[static FP1024_BYTES],
                  const struct schedule *key)
{
    memcpy(journey->a.bytes, a, FP1024_BYTES);
    fp_encode(journey->c.bytes, &fp_one);
    journey->schedule = *key;
    for (size_t b = 0; b < BATCHES; b++)
        journey->left[b] = batch_table[b].bound;
}

int ctidh1024_public_derive(uint8_t public_key[static CTIDH1024_PUBLIC_BYTES],
                            const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                            const struct random_source *random)
{
    struct schedule key;
    struct journey journey;
    if (schedule_open(&key, secret))
        return -EINVAL;
    const uint8_t base_curve[FP1024_BYTES] = {0};
    journey_open(&journey, base_curve, &key);
    int error = engine_for(1)->act(&journey, 1, random, NULL);
    if (!error)
        memcpy(public_key, journey.a.bytes, CTIDH1024_PUBLIC_BYTES);
    secret_wipe(&key, sizeof key);
    secret_wipe(&journey, sizeof journey);
    wipe_stack_below();
    return error;
}

bool ctidh1024_public_is_reduced(const uint8_t public_key[static CTIDH1024_PUBLIC_BYTES])
{
    struct fp a;
    return fp_decode(&a, public_key) == 0;
}

int ctidh1024_public_check(const uint8_t public_key[static CTIDH1024_PUBLIC_BYTES],
                           const struct random_source *random)
{
    struct journey journey;
    struct fp a;
    bool valid;
    if (fp_decode(&a, public_key))
        return -EBADMSG;
    journey_open(&journey, public_key, &(struct schedule){{0}, {0}});
    int error = engine_for(1)->validate(&valid, &journey, 1, random, NULL);
    INVARIANT(!error); /* it was not cancelled */
    return valid ? 0 : -EBADMSG;
}

/* A call of ctidh1024_derive. Journeys are those of exchanges whose keys are not known to be
 * invalid, in their order; index[] says which ones. */
struct derivation {
    const struct engine *engine;
    struct ctidh1024_exchange *exchanges;
    struct journey *journeys;
    size_t *index;
    bool *valid;
    size_t count; /* of journeys */
};

static void derivation_close(struct derivation *derivation, size_t allocated)
{
    if (derivation->journeys)
        secret_wipe(derivation->journeys, allocated * sizeof *derivation->journeys);
    free(derivation->journeys);
    free(derivation->index);
    free(derivation->valid);
}

/* Keys that are no field elements get their status and no journey. */
static int derivation_open(struct derivation *derivation, struct ctidh1024_exchange *exchanges,
                           size_t count, const struct schedule *key)
{
    *derivation = (struct derivation){
        .engine = engine_for(count),
        .exchanges = exchanges,
        .journeys = calloc(count, sizeof *derivation->journeys),
        .index = calloc(count, sizeof *derivation->index),
        .valid = calloc(count, sizeof *derivation->valid),
    };
    if (!derivation->journeys || !derivation->index || !derivation->valid)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        struct fp a;
        exchanges[i].status = fp_decode(&a, exchanges[i].public_key);
        if (exchanges[i].status)
            continue;
        exchanges[i].status = -ECANCELED; /* until it is done */
        derivation->index[derivation->count] = i;
        journey_open(&derivation->journeys[derivation->count++], exchanges[i].public_key, key);
    }
    return 0;
}

static int derivation_validate(struct derivation *derivation, const struct random_source *random,
                               const struct ctidh1024_cancel *cancel)
{
    int error = derivation->engine->validate(derivation->valid, derivation->journeys,
                                             derivation->count, random, cancel);
    if (error)
        return error;
    size_t kept = 0;
    for (size_t i = 0; i < derivation->count; i++) {
        if (!derivation->valid[i]) {
            derivation->exchanges[derivation->index[i]].status = -EBADMSG;
            continue;
        }
        derivation->index[kept] = derivation->index[i];
        derivation->journeys[kept++] = derivation->journeys[i];
    }
    derivation->count = kept;
    return 0;
}

static int derivation_finish(struct derivation *derivation)
{
    for (size_t i = 0; i < derivation->count; i++) {
        struct ctidh1024_exchange *exchange = &derivation->exchanges[derivation->index[i]];
        int error = shake256(exchange->shared, CTIDH1024_SHARED_BYTES,
                             derivation->journeys[i].a.bytes, FP1024_BYTES);
        if (error)
            return error;
        exchange->status = 0;
    }
    return 0;
}

int ctidh1024_derive(const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                     struct ctidh1024_exchange *exchanges, size_t count,
                     const struct random_source *random, const struct ctidh1024_cancel *cancel)
{
    struct schedule key;
    if (schedule_open(&key, secret))
        return -EINVAL;
    struct derivation derivation;
    int error = derivation_open(&derivation, exchanges, count, &key);
    if (!error)
        error = derivation_validate(&derivation, random, cancel);
    if (!error)
        error = derivation.engine->act(derivation.journeys, derivation.count, random, cancel);
    if (!error)
        error = derivation_finish(&derivation);
    derivation_close(&derivation, count);
    secret_wipe(&key, sizeof key);
    wipe_stack_below();
    return error == -ECANCELED ? 0 : error;
}
