/* `reunion-mix key`: the line for the net file. */
#ifndef REUNION_SERVER_MIX_KEY_COMMAND_H
#define REUNION_SERVER_MIX_KEY_COMMAND_H

#include "mix/app.h"
#include "mix/config.h"

/* Write this mix's object for the list of mixes in the net file, on one line. The key is made if
 * there is none, unless the state folder is another user's: then it would be the wrong user's.
 * Returns: MIX_EXIT_STOPPED, or with what code to exit (why is a line in `complaints`). */
MUST_CHECK enum mix_exit_code key_command(const struct mix_config *config,
                                          const struct random_source *random, FILE *to,
                                          FILE *complaints);

#endif
