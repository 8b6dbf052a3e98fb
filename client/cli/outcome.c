#include "cli/outcome.h"

#include "base/err.h"
#include "cli/program.h"
#include "cli/say.h"

const char *outcome_name(const struct program *program, enum outcome outcome)
{
    size_t i = 0;
    while (i < program->outcome_count && program->outcomes[i].code != outcome)
        i++;
    INVARIANT(i < program->outcome_count); /* every outcome has a row */
    return program->outcomes[i].name;
}

enum outcome outcome_failed(int err)
{
    say("%s", err_text(err));
    return OUTCOME_FAILED;
}
