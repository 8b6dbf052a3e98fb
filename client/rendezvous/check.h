/* The command `check`: whether a server can be used from here, and what is wrong if not. */
#ifndef REUNION_RENDEZVOUS_CHECK_H
#define REUNION_RENDEZVOUS_CHECK_H

#include "cli/outcome.h"
#include "run/options.h"

/* Look at every server named, and at how fast this machine computes. Nothing is posted anywhere.
 * Needs: secret_init; called once, before threads. */
enum outcome check(const struct run_options *options);

#endif
