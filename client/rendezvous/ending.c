#include "rendezvous/ending.h"

#include "base/err.h"

static enum outcome outcome_of_leaving(const struct ending *ending)
{
    size_t enough = ending->expected > 0 ? ending->expected : 1;
    if (ending->messages >= enough)
        return OUTCOME_DONE;
    if (ending->cause == STOP_INTERRUPTED)
        return OUTCOME_INTERRUPTED;
    return ending->away ? OUTCOME_SERVER : OUTCOME_ALONE;
}

enum outcome ending_outcome(const struct ending *ending)
{
    /* However it ended: nothing is more pressing. */
    if (ending->expected > 0 && ending->messages > ending->expected)
        return OUTCOME_EXCEEDED;
    switch (ending->err) {
    case 0:
    case -ECANCELED:
        return outcome_of_leaving(ending);
    case -EHOSTUNREACH:
    case -EPROTO:
        return OUTCOME_SERVER;
    case -EPERM:
        return OUTCOME_REFUSED;
    default:
        return OUTCOME_FAILED;
    }
}
