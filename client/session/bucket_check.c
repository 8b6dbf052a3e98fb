#include "session/bucket_check.h"

enum { LINK_WINDOW_S = 3600 };

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
    if (!bucket->hash_fits)
        return BUCKET_ELSEWHERE;
    if (bucket->created > add_s(unsigned_s(now_s), bounds->tolerance_s))
        return BUCKET_IN_FUTURE;
    return BUCKET_GOOD;
}

static bool is_over(const struct transport_bucket *bucket, const struct bucket_bounds *bounds,
                    uint64_t window_s, int64_t asked_s)
{
    uint64_t end = add_s(add_s(bucket->created, window_s), bounds->tolerance_s);
    return end < unsigned_s(asked_s);
}

enum bucket_verdict bucket_check_own(const struct transport_bucket *bucket,
                                     const struct bucket_bounds *bounds, uint64_t open_window_s,
                                     int64_t asked_s, int64_t now_s)
{
    bool known = open_window_s == 600 || open_window_s == 1200 || open_window_s == 1800 ||
                 open_window_s == 3600;
    enum bucket_verdict verdict = bucket_check_standing(bucket, bounds, now_s);
    if (verdict != BUCKET_GOOD)
        return verdict;
    if (!known)
        return BUCKET_WINDOW_ODD;
    if (is_over(bucket, bounds, open_window_s, asked_s))
        return BUCKET_TOO_OLD;
    return bucket->created % open_window_s == 0 ? BUCKET_GOOD : BUCKET_OFF_GRID;
}

bool bucket_is_crowded(const struct transport_bucket *bucket, const struct bucket_bounds *bounds)
{
    return bucket->sequence > bounds->sequence_max;
}

enum bucket_verdict bucket_check_links(const struct transport_bucket *bucket,
                                       const struct bucket_bounds *bounds, int64_t now_s)
{
    enum bucket_verdict verdict = bucket_check_standing(bucket, bounds, now_s);
    if (verdict != BUCKET_GOOD)
        return verdict;
    if (bucket->sequence > bounds->sequence_max)
        return BUCKET_SEQUENCE_HIGH;
    return bucket->created % LINK_WINDOW_S == 0 ? BUCKET_GOOD : BUCKET_OFF_GRID;
}

enum bucket_verdict bucket_check_own_links(const struct transport_bucket *bucket,
                                           const struct bucket_bounds *bounds, int64_t asked_s,
                                           int64_t now_s)
{
    enum bucket_verdict verdict = bucket_check_standing(bucket, bounds, now_s);
    if (verdict == BUCKET_GOOD && is_over(bucket, bounds, LINK_WINDOW_S, asked_s))
        verdict = BUCKET_TOO_OLD;
    return verdict == BUCKET_GOOD ? bucket_check_links(bucket, bounds, now_s) : verdict;
}

enum bucket_verdict bucket_check_current_links(const struct transport_bucket *own,
                                               const struct transport_bucket *current)
{
    if (!current->hash_fits)
        return BUCKET_HASH_WRONG;
    bool same_hour =
        current->created == own->created &&
        (current->sequence == own->sequence || current->sequence == (uint64_t)own->sequence + 1);
    bool next_hour =
        current->created == add_s(own->created, LINK_WINDOW_S) && current->sequence <= 1;
    return same_hour || next_hour ? BUCKET_GOOD : BUCKET_NOT_CURRENT;
}
