#include "cli/outcome.h"

#include "base/err.h"

const struct outcome_row outcome_rows[] = {
    {OUTCOME_MET, "met",
     "somebody was met; also --help, --version, and a check that finds nothing wrong"},
    {OUTCOME_ALONE, "alone", "nobody came in time, or fewer than --expect names"},
    {OUTCOME_USAGE, "usage", "options, passphrase or message are no good"},
    {OUTCOME_SERVER, "unreachable", "the server is out of reach, or no REUNION server"},
    {OUTCOME_REFUSED, "refused", "the server refused, or offered a bucket that is refused"},
    {OUTCOME_FAILED, "failed", "this machine failed: memory, randomness, standard output"},
    {OUTCOME_EXCEEDED, "exceeded",
     "more came than --expect names: somebody else knows the passphrase"},
    {OUTCOME_INTERRUPTED, "interrupted",
     "stopped by a signal before anybody, or all that --expect names, had come"},
};
const size_t outcome_count = sizeof outcome_rows / sizeof *outcome_rows;

const char *outcome_name(enum outcome outcome)
{
    size_t i = 0;
    while (i < outcome_count && outcome_rows[i].code != outcome)
        i++;
    INVARIANT(i < outcome_count); /* every outcome has a row */
    return outcome_rows[i].name;
}

static enum outcome outcome_of_leaving(const struct outcome_facts *facts)
{
    size_t enough = facts->expected > 0 ? facts->expected : 1;
    if (facts->messages >= enough)
        return OUTCOME_MET;
    if (facts->cause == STOP_INTERRUPTED)
        return OUTCOME_INTERRUPTED;
    return facts->away ? OUTCOME_SERVER : OUTCOME_ALONE;
}

enum outcome outcome_of(const struct outcome_facts *facts)
{
    /* However it ended: nothing is more pressing. */
    if (facts->expected > 0 && facts->messages > facts->expected)
        return OUTCOME_EXCEEDED;
    switch (facts->err) {
    case 0:
    case -ECANCELED:
        return outcome_of_leaving(facts);
    case -EHOSTUNREACH:
    case -EPROTO:
        return OUTCOME_SERVER;
    case -EPERM:
        return OUTCOME_REFUSED;
    default:
        return OUTCOME_FAILED;
    }
}
