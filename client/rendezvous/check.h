/* The command `check`: whether a server can be used from here, and what is wrong if not. */
#ifndef REUNION_RENDEZVOUS_CHECK_H
#define REUNION_RENDEZVOUS_CHECK_H

#include "cli/program_table.h"
#include "run/options.h"

/* Look at every server named, and at how fast this machine computes. Nothing is posted anywhere.
 * What it ends with is in the words of `program`.
 * Needs: secret_init; called once, before threads. */
enum outcome check(const struct program *program, const struct run_options *options);

#endif
