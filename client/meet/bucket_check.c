#include "meet/bucket_check.h"

/* Sums of seconds from outside saturate: a time near 2^64 must not wrap to a plausible one. */
static uint64_t add_s(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t unsigned_s(int64_t time_s)
{
    return time_s > 0 ? (uint64_t)time_s : 0;
}

enum bucket_verdict bucket_check_standing(const struct transport_bucket *bucket,
                                          const struct bucket_bounds *bounds, int64_t now_s)
{
    if (!bucket->link_fits)
        return BUCKET_LINK_WRONG;
    if (bucket->sequence > bounds->sequence_max)
        return BUCKET_SEQUENCE_HIGH;
    if (bucket->created > add_s(unsigned_s(now_s), bounds->tolerance_s))
        return BUCKET_IN_FUTURE;
    return BUCKET_GOOD;
}

enum bucket_verdict bucket_check_own(const struct transport_bucket *bucket,
                                     const struct bucket_bounds *bounds, uint64_t open_window_s,
                                     int64_t asked_s, int64_t now_s)
{
    enum bucket_verdict verdict = bucket_check_standing(bucket, bounds, now_s);
    if (verdict != BUCKET_GOOD)
        return verdict;
    uint64_t window_s =
        open_window_s < bounds->open_window_s_max ? open_window_s : bounds->open_window_s_max;
    uint64_t youngest_end = add_s(add_s(bucket->created, window_s), bounds->tolerance_s);
    return youngest_end < unsigned_s(asked_s) ? BUCKET_TOO_OLD : BUCKET_GOOD;
}
