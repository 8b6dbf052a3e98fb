#include "run/exit_status.h"

#include "base/err.h"
#include "run/expected_count.h"

static enum outcome outcome_of_leaving(const struct exit_status *exit_status,
                                       const struct expected_count *expected_count)
{
    if (expected_count_is_met(expected_count, exit_status->messages))
        return OUTCOME_DONE;
    if (exit_status->cause == STOP_INTERRUPTED)
        return OUTCOME_INTERRUPTED;
    return exit_status->away ? OUTCOME_SERVER : OUTCOME_ALONE;
}

enum outcome exit_status_outcome(const struct exit_status *exit_status)
{
    const struct expected_count expected_count = {.wanted = exit_status->expected};
    /* However it ended: nothing is more pressing. */
    if (expected_count_is_exceeded(&expected_count, exit_status->messages))
        return OUTCOME_EXCEEDED;
    switch (exit_status->err) {
    case 0:
    case -ECANCELED:
        return outcome_of_leaving(exit_status, &expected_count);
    case -EHOSTUNREACH:
    case -EPROTO:
    case -EAGAIN:
    case -ENOSPC:
        return OUTCOME_SERVER;
    case -EPERM:
        return OUTCOME_REFUSED;
    default:
        return OUTCOME_FAILED;
    }
}
