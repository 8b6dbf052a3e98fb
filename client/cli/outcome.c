#include "cli/outcome.h"

#include "base/err.h"

const struct outcome_row outcome_rows[] = {
    {OUTCOME_MET, "met", "somebody was met; also --help and --version"},
    {OUTCOME_ALONE, "alone", "nobody came in time"},
    {OUTCOME_USAGE, "usage", "options, passphrase or message are no good"},
    {OUTCOME_SERVER, "unreachable", "the server is out of reach, or no REUNION server"},
    {OUTCOME_REFUSED, "refused", "the server refused, or offered a bucket that is refused"},
    {OUTCOME_FAILED, "failed", "this machine failed: memory, randomness, standard output"},
    {OUTCOME_INTERRUPTED, "interrupted", "stopped by a signal before anybody was met"},
};
const size_t outcome_count = sizeof outcome_rows / sizeof *outcome_rows;

const char *outcome_name(enum outcome outcome)
{
    for (size_t i = 0; i < outcome_count; i++)
        if (outcome_rows[i].code == outcome)
            return outcome_rows[i].name;
    INVARIANT(!"every outcome has a row");
    return NULL;
}

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
