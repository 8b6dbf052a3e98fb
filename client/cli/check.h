/* The command `check`: whether a server can be used from here, and what is wrong if not. */
#ifndef REUNION_CLI_CHECK_H
#define REUNION_CLI_CHECK_H

#include "cli/options.h"
#include "cli/outcome.h"

/* Look at every server named, and at how fast this machine computes. Nothing is posted anywhere.
 * Needs: secret_init; called once, before threads. */
enum outcome check(const struct options *options);

#endif
