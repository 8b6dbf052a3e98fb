#include "daemon/limiter.h"

#include <stdlib.h>

#include "base/secret.h"

enum { US_PER_S = 1000000, US_PER_MINUTE = 60 * US_PER_S };

int limiter_init(struct limiter *limiter, const struct limiter_rules *rules,
                 const struct random_source *random)
{
    size_t count = LIMITER_WAYS;
    while (count < rules->clients_max)
        count *= 2;
    *limiter = (struct limiter){.rules = *rules, .slot_count = count};
    limiter->slots = calloc(count, sizeof *limiter->slots);
    if (!limiter->slots)
        return -ENOMEM;
    random_fill(random, limiter->hash_key, sizeof limiter->hash_key);
    pthread_mutex_init(&limiter->mutex, NULL);
    return 0;
}

void limiter_free(struct limiter *limiter)
{
    if (!limiter->slots)
        return;
    secret_wipe(limiter->hash_key, sizeof limiter->hash_key);
    secret_wipe(limiter->slots, limiter->slot_count * sizeof *limiter->slots);
    free(limiter->slots);
    limiter->slots = NULL;
    pthread_mutex_destroy(&limiter->mutex);
}

uint64_t limiter_hash(const struct limiter *limiter, const struct client_address *client)
{
    return client_address_hash(client, false, limiter->hash_key);
}

/* The place of a client, new or old. The mutex is held. */
static struct limiter_slot *place_of(struct limiter *limiter, uint64_t client, int64_t now_us)
{
    size_t sets = limiter->slot_count / LIMITER_WAYS;
    struct limiter_slot *set = &limiter->slots[client % sets * LIMITER_WAYS], *best = set;
    for (size_t i = 0; i < LIMITER_WAYS; i++) {
        if (set[i].client == client)
            return &set[i];
        /* The one that is nearest to full, or nobody's. */
        if (set[i].full_us < best->full_us)
            best = &set[i];
    }
    if (best->full_us < now_us)
        best->full_us = now_us;
    best->client = client;
    return best;
}

/* Take tokens of one place, or see how many microseconds too early that is. The mutex is held. */
static int64_t take_of(struct limiter *limiter, uint64_t client, uint64_t factor, uint32_t tokens,
                       int64_t now_us, bool commit)
{
    int64_t token_us = US_PER_MINUTE / (int64_t)(limiter->rules.per_minute * factor);
    int64_t burst = (int64_t)(limiter->rules.burst * factor);
    int64_t span_us = token_us * burst; /* from empty to full */
    struct limiter_slot *place = place_of(limiter, client, now_us);
    int64_t full_us = place->full_us > now_us ? place->full_us : now_us;
    full_us += token_us * (tokens < burst ? tokens : burst);
    int64_t early_us = full_us - span_us - now_us;
    if (commit && early_us <= 0)
        place->full_us = full_us;
    return early_us;
}

int limiter_take(struct limiter *limiter, const struct client_address *client, uint32_t tokens,
                 int64_t now_ms, uint32_t *retry_s)
{
    if (limiter->rules.per_minute == 0)
        return 0;
    int64_t now_us = now_ms * 1000, early_us = 0;
    struct client_address network = *client;
    bool wide = limiter->rules.wide_factor > 0 && client_address_widen(&network);
    uint64_t narrow_hash = client_address_hash(client, false, limiter->hash_key);
    uint64_t wide_hash = wide ? client_address_hash(&network, true, limiter->hash_key) : 0;
    uint64_t factor = limiter->rules.wide_factor;
    pthread_mutex_lock(&limiter->mutex);
    if (wide)
        early_us = take_of(limiter, wide_hash, factor, tokens, now_us, false);
    if (early_us <= 0)
        early_us = take_of(limiter, narrow_hash, 1, tokens, now_us, true);
    if (wide && early_us <= 0)
        (void)take_of(limiter, wide_hash, factor, tokens, now_us, true);
    pthread_mutex_unlock(&limiter->mutex);
    if (early_us <= 0)
        return 0;
    *retry_s = (uint32_t)((early_us + US_PER_S - 1) / US_PER_S);
    return -EAGAIN;
}

void limiter_sweep(struct limiter *limiter, int64_t now_ms)
{
    pthread_mutex_lock(&limiter->mutex);
    for (size_t i = 0; i < limiter->slot_count; i++)
        if (limiter->slots[i].full_us <= now_ms * 1000)
            limiter->slots[i] = (struct limiter_slot){0};
    pthread_mutex_unlock(&limiter->mutex);
}
