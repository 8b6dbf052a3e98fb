/* One run of reunion-link: from options to an exit code. */
#ifndef REUNION_LINKS_RUN_H
#define REUNION_LINKS_RUN_H

#include "cli/options.h"
#include "cli/outcome.h"

/* Create or open a link, as the options (struct links_options) say.
 * Needs: secret_init; called once, before threads. The caller clears the options. */
enum outcome links_run(struct options *options);

#endif
