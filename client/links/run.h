/* One run of reunion-link: from options to an exit code. */
#ifndef REUNION_LINKS_RUN_H
#define REUNION_LINKS_RUN_H

#include "cli/program_table.h"
#include "links/options.h"

/* Create or open a link, as the options say.
 * Needs: secret_init; called once, before threads. The caller clears the options. */
enum outcome links_run(const struct program *program, struct links_options *options);

#endif
