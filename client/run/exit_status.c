#include "run/exit_status.h"

#include "base/err.h"
#include "run/expected_count.h"

static enum outcome outcome_of_leaving(const struct ending *ending,
                                       const struct expectation *expectation)
{
    if (expectation_is_met(expectation, ending->messages))
        return OUTCOME_DONE;
    if (ending->cause == STOP_INTERRUPTED)
        return OUTCOME_INTERRUPTED;
    return ending->away ? OUTCOME_SERVER : OUTCOME_ALONE;
}

enum outcome ending_outcome(const struct ending *ending)
{
    const struct expectation expectation = {.wanted = ending->expected};
    /* However it ended: nothing is more pressing. */
    if (expectation_is_exceeded(&expectation, ending->messages))
        return OUTCOME_EXCEEDED;
    switch (ending->err) {
    case 0:
    case -ECANCELED:
        return outcome_of_leaving(ending, &expectation);
    case -EHOSTUNREACH:
    case -EPROTO:
        return OUTCOME_SERVER;
    case -EPERM:
        return OUTCOME_REFUSED;
    default:
        return OUTCOME_FAILED;
    }
}
