/* Values of options that the command line leaves out: from the environment, then from a file. */
#ifndef REUNION_CLI_DEFAULTS_H
#define REUNION_CLI_DEFAULTS_H

#include "base/err.h"
#include "cli/program_table.h"
#include "cli/shared_options.h"

/* DESIGN: REUNION_SERVER has servers, separated by blanks. The file is one JSON object, whose
 * members are called as the options are. It serves all programs that go to a server, so each takes
 * from it what it has an option for. What concerns the trust in servers ("pin", "cacert",
 * "insecure-http") holds for the file's own servers: it was not said of one that the command line
 * or the environment names. No secret is taken from the file. */

/* Give the options that flags have not given, and that go with the command, the values of the
 * environment and, unless `options->no_config`, of the file. Nothing is done for a program that
 * goes to no server. `options->defaults` has what texts point to, until defaults_clear, after an
 * error too. Returns: 0; -EINVAL and why in `complaints`; -ENOMEM. */
MUST_CHECK int defaults_take(const struct program *program, const struct settings *settings,
                             struct options *options, FILE *complaints);

void defaults_clear(struct defaults *defaults);

#endif
