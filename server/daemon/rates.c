#include "daemon/rates.h"

int rates_init(struct rates *rates, const struct rates_rules *rules,
               const struct random_source *random)
{
    *rates = (struct rates){0};
    int err = 0;
    for (size_t i = 0; i < RATE_KINDS && !err; i++) {
        struct limiter_rules client = rules->client[i];
        client.wide_factor = RATES_WIDE_FACTOR;
        struct limiter_rules all = {.per_minute = rules->all_per_minute[i],
                                    .burst = rules->all_per_minute[i],
                                    .clients_max = 1};
        err = limiter_init(&rates->client[i], &client, random);
        if (!err)
            err = limiter_init(&rates->all[i], &all, random);
    }
    if (err)
        rates_free(rates);
    return err;
}

void rates_free(struct rates *rates)
{
    for (size_t i = 0; i < RATE_KINDS; i++) {
        limiter_free(&rates->client[i]);
        limiter_free(&rates->all[i]);
    }
}

uint64_t rates_client_hash(const struct rates *rates, const struct client_address *client)
{
    return limiter_hash(&rates->client[RATE_OTHER], client);
}

int rates_take(struct rates *rates, enum rate_kind kind, uint32_t tokens,
               const struct client_address *client, int64_t now_ms, uint32_t *retry_s)
{
    static const struct client_address everybody;
    int err = 0;
    if (client)
        err = limiter_take(&rates->client[kind], client, tokens, now_ms, retry_s);
    return err ? err : limiter_take(&rates->all[kind], &everybody, tokens, now_ms, retry_s);
}

void rates_sweep(struct rates *rates, int64_t now_ms)
{
    for (size_t i = 0; i < RATE_KINDS; i++)
        limiter_sweep(&rates->client[i], now_ms);
}
