/* From how a run of a session went to its outcome. */
#ifndef REUNION_RUN_EXIT_STATUS_H
#define REUNION_RUN_EXIT_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/outcome.h"
#include "cli/signals.h"

/* How a run went. */
struct exit_status {
    int err; /* what the session ended with, see session_step; 0: all expected had come */
    enum stop_cause cause; /* why a stop was asked for */
    size_t messages;
    size_t expected; /* 0: nobody in particular */
    bool away;       /* the server was last seen failing */
};

enum outcome exit_status_outcome(const struct exit_status *exit_status);

#endif
