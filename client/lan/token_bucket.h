/* How often something may be done: so many times at once, and then once in a while. */
#ifndef REUNION_LAN_TOKEN_BUCKET_H
#define REUNION_LAN_TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct allowance_rate {
    int64_t at_once; /* 1 or more */
    int64_t gap_ms;
};

/* Zeros are a full allowance, at any time not before 0. */
struct allowance {
    int64_t spent_until_ms; /* when it will be full again */
};

/* When it may next be used. */
static inline int64_t allowance_ready_ms(const struct allowance *allowance,
                                         const struct allowance_rate *rate)
{
    return allowance->spent_until_ms - (rate->at_once - 1) * rate->gap_ms;
}

/* Use it once. Returns: false where it is used up. */
static inline bool allowance_use(struct allowance *allowance, const struct allowance_rate *rate,
                                 int64_t now_ms)
{
    if (allowance_ready_ms(allowance, rate) > now_ms)
        return false;
    if (allowance->spent_until_ms < now_ms)
        allowance->spent_until_ms = now_ms;
    allowance->spent_until_ms += rate->gap_ms;
    return true;
}

#endif
