/* One run of reunion-on-an-ethernet: from options to an exit code. */
#ifndef REUNION_ETHERNET_RUN_H
#define REUNION_ETHERNET_RUN_H

#include "cli/program_table.h"
#include "ethernet/options.h"

/* Ask for what is missing, meet others on the local network until it is enough, and tell what
 * happens. Needs: secret_init; called once, before threads. The caller clears `options`. */
enum outcome ethernet_run(const struct program *program, struct ethernet_options *options);

#endif
