/* What the programs that serve do around serving: read settings, answer with a text instead, and
 * wait for a signal that ends them. */
#ifndef REUNION_DAEMON_PROGRAM_H
#define REUNION_DAEMON_PROGRAM_H

#include <signal.h>
#include <stdbool.h>

#include "daemon/settings_file.h"

/* Read the settings of a program into `config`; `is_key`: the first word was "key". Each thing that
 * is wrong becomes a line in `complaints`. Returns: 0, -EINVAL. */
typedef int program_reader(void *config, const struct settings_sources *sources, bool is_key,
                           FILE *complaints);

/* Have `read` read the settings of a program from a command line and the environment. What is wrong
 * is written to standard error when everything has been read.
 * Returns: 0, -EINVAL (something is wrong), -ENOMEM. */
MUST_CHECK int program_read_settings(const char *program, int argc, char *const *argv,
                                     program_reader *read, void *config);

/* Keep what is written to standard output until its end, so that what fails then has its reason. */
void program_answer_whole(void);

/* Wait for a signal of `awaited` that stops the program. If SIGHUP does not, `reread` is called
 * with `context` for each. */
void program_wait(sigset_t awaited, void (*reread)(void *context), void *context);

#endif
