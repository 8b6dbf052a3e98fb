/* The worker process, which takes part in the session. */
#ifndef REUNION_RUN_WORKER_H
#define REUNION_RUN_WORKER_H

#include <stdbool.h>

#include "cli/first_process.h"
#include "cli/program_table.h"
#include "run/options.h"

/* Split the program in two (first_process.h), unless --no-linger says that it ends at once anyway.
 * The first process wipes the secrets among the options; the worker has them in locked memory.
 * Returns: true in the worker. False otherwise, after the worker has let go or ended, or when there
 * is none, and `outcome` is what to end with. */
MUST_CHECK bool worker_begin(struct first_process *first, const struct program *program,
                             struct run_options *options, enum outcome *outcome);

#endif
