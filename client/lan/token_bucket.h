/* Token bucket: a burst, then one token per interval. */
#ifndef REUNION_LAN_TOKEN_BUCKET_H
#define REUNION_LAN_TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct token_bucket_rate {
    int64_t burst; /* 1 or more */
    int64_t refill_ms;
};

/* Zeros are a full token bucket, at any time not before 0. */
struct token_bucket {
    int64_t spent_until_ms; /* when it will be full again */
};

/* When it may next be used. */
static inline int64_t token_bucket_ready_ms(const struct token_bucket *bucket,
                                            const struct token_bucket_rate *rate)
{
    return bucket->spent_until_ms - (rate->burst - 1) * rate->refill_ms;
}

/* Use it once. Returns: false where it is used up. */
static inline bool token_bucket_take(struct token_bucket *bucket,
                                     const struct token_bucket_rate *rate, int64_t now_ms)
{
    if (token_bucket_ready_ms(bucket, rate) > now_ms)
        return false;
    if (bucket->spent_until_ms < now_ms)
        bucket->spent_until_ms = now_ms;
    bucket->spent_until_ms += rate->refill_ms;
    return true;
}

#endif
