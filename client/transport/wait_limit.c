#include "transport/wait_limit.h"

void wait_limit_begin(struct wait_limit *limit, int64_t ms)
{
    *limit = (struct wait_limit){.most_ms = ms, .ms = ms, .before_ms = ms};
}

int64_t wait_limit_next(struct wait_limit *limit, int64_t wished_ms, int64_t now_ms)
{
    if (limit->troubled)
        return 0;
    /* `before_ms` stays: if this ends in an outage, that is what is gone back to. */
    if (limit->ms < limit->most_ms && now_ms - limit->cut_ms >= WAIT_LIMIT_HOLDS_MS)
        limit->ms = limit->most_ms;
    return wished_ms < limit->ms ? wished_ms : limit->ms;
}

void wait_limit_answered(struct wait_limit *limit)
{
    limit->before_ms = limit->ms;
    limit->cuts = 0;
    limit->troubled = false;
}

int64_t wait_limit_below_ms(int64_t waited_ms)
{
    int64_t margin_ms = waited_ms / 10 > 1000 ? waited_ms / 10 : 1000;
    int64_t seconds = (waited_ms - margin_ms) / 1000;
    return seconds > 1 ? seconds * 1000 : 1000;
}

bool wait_limit_failed(struct wait_limit *limit, enum wait_cut cut, int64_t asked_ms,
                       int64_t waited_ms, int64_t now_ms)
{
    bool limited = asked_ms > 0 && (cut == WAIT_CUT_SAID ||
                                    (cut == WAIT_CUT_MAYBE && waited_ms >= WAIT_CUT_MS_MIN));
    if (!limited || limit->cuts == WAIT_CUTS_MAX) {
        limit->ms = limit->before_ms;
        limit->cuts = 0;
        limit->troubled = true;
        return false;
    }
    limit->cuts++;
    limit->cut_ms = now_ms;
    int64_t below_ms = wait_limit_below_ms(waited_ms < asked_ms ? waited_ms : asked_ms);
    if (below_ms < limit->ms)
        limit->ms = below_ms;
    return true;
}
