#include "rendezvous/expectation.h"

enum expectation_next expectation_look(struct expectation *expectation, size_t messages,
                                       size_t owed, int64_t now_ms,
                                       const struct random_source *random)
{
    if (expectation->lingering)
        return now_ms >= expectation->leave_ms ? EXPECTATION_LEAVE : EXPECTATION_STAY;
    if (expectation->wanted == 0 || messages < expectation->wanted || owed > 0)
        return EXPECTATION_STAY;
    if (expectation->no_linger)
        return EXPECTATION_LEAVE;
    uint32_t span = EXPECTATION_LINGER_MS_MAX - EXPECTATION_LINGER_MS_MIN + 1;
    expectation->lingering = true;
    expectation->leave_ms = now_ms + EXPECTATION_LINGER_MS_MIN + random_below(random, span);
    return EXPECTATION_LINGER;
}

bool expectation_is_exceeded(const struct expectation *expectation, size_t messages)
{
    return expectation->wanted > 0 && messages > expectation->wanted;
}

bool expectation_is_met(const struct expectation *expectation, size_t messages)
{
    return expectation->wanted > 0 ? messages >= expectation->wanted : messages > 0;
}
