#include "base/backoff.h"

static int64_t jitter_ms(int64_t span_ms, const struct random_source *random)
{
    return (int64_t)random_below(random, (uint32_t)span_ms + 1);
}

int64_t backoff_ms(unsigned failures, int64_t asked_ms, const struct random_source *random)
{
    int64_t span = BACKOFF_FIRST_MS;
    for (unsigned i = 1; i < failures && span < BACKOFF_MAX_MS; i++)
        span *= 2;
    if (span > BACKOFF_MAX_MS)
        span = BACKOFF_MAX_MS;
    if (asked_ms > BACKOFF_ASKED_MS_MAX)
        asked_ms = BACKOFF_ASKED_MS_MAX;
    if (asked_ms >= span)
        return asked_ms + jitter_ms(span / 2, random);
    int64_t wait = span / 2 + jitter_ms(span / 2, random);
    return wait < asked_ms ? asked_ms : wait;
}
