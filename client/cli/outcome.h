/* What a run ends with: the exit codes of the program. */
#ifndef REUNION_CLI_OUTCOME_H
#define REUNION_CLI_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/signals.h"

enum outcome {
    OUTCOME_MET = 0,
    OUTCOME_ALONE = 1,
    OUTCOME_USAGE = 2,
    OUTCOME_SERVER = 3,
    OUTCOME_REFUSED = 4,
    OUTCOME_FAILED = 5,
    OUTCOME_EXCEEDED = 6,
    OUTCOME_INTERRUPTED = 130,
};

/* An outcome in words, for help, manual and programs. */
struct outcome_row {
    enum outcome code;
    const char *name;    /* one word, which does not change */
    const char *meaning; /* a phrase, begun small, without a full stop */
};
extern const struct outcome_row outcome_rows[];
extern const size_t outcome_count;

/* The name of an outcome. */
const char *outcome_name(enum outcome outcome);

/* How a run went. */
struct outcome_facts {
    int err;               /* what the meet ended with, see meet_step; 0: all expected had come */
    enum stop_cause cause; /* why a stop was asked for */
    size_t messages;
    size_t expected; /* 0: nobody in particular */
    bool away;       /* the server was last seen failing */
};

/* What it ends with. */
enum outcome outcome_of(const struct outcome_facts *facts);

#endif
