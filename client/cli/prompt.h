/* Prompts on the terminal for what the command line does not give. */
#ifndef REUNION_CLI_PROMPT_H
#define REUNION_CLI_PROMPT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/stop.h"
#include "cli/secret_text.h"

/* Ask for one line: on the terminal where standard input is one, with `question` and, if `hidden`,
 * without echo; else the next line of standard input is taken silently.
 * Returns: 0 and the line without its end, perhaps empty; -ENOENT (no line comes any more);
 * -EMSGSIZE (over SECRET_TEXT_BYTES_MAX); -ECANCELED (asked to stop; the terminal is as before);
 * -ENOMEM; another error of the system, as it came. A signal that ends or stops the program
 * meanwhile finds the terminal as before. While no other thread takes signals. */
MUST_CHECK int prompt_line(struct secret_text *line, const char *question, bool hidden,
                           const struct stop_source *stop);

/* The same from and to a descriptor that is already open. */
MUST_CHECK int prompt_line_on(struct secret_text *line, int fd, const char *question, bool hidden,
                              const struct stop_source *stop);

#endif
