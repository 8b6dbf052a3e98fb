#include "cli/outcome.h"

static enum outcome outcome_of_stop(enum stop_cause cause, bool met, bool away)
{
    if (met)
        return OUTCOME_MET;
    if (cause == STOP_INTERRUPTED)
        return OUTCOME_INTERRUPTED;
    return away ? OUTCOME_SERVER : OUTCOME_ALONE;
}

enum outcome outcome_of(int err, enum stop_cause cause, bool met, bool away)
{
    switch (err) {
    case -ECANCELED:
        return outcome_of_stop(cause, met, away);
    case -EHOSTUNREACH:
    case -EPROTO:
        return OUTCOME_SERVER;
    case -EPERM:
        return OUTCOME_REFUSED;
    default:
        return OUTCOME_FAILED;
    }
}
