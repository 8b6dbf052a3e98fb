/* One run of the client: from options to an exit code. */
#ifndef REUNION_CLI_RUN_H
#define REUNION_CLI_RUN_H

#include "cli/options.h"
#include "cli/outcome.h"

/* Ask for what is missing, meet others until stopped, tell on the way.
 * Needs: secret_init; called once, before threads. The caller clears `options`. */
enum outcome run(struct options *options);

#endif
