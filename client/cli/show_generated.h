/* Showing a generated passphrase on the terminal alone. */
#ifndef REUNION_CLI_SHOW_GENERATED_H
#define REUNION_CLI_SHOW_GENERATED_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/secret_text.h"

/* Write the passphrase once: on the terminal the program was started from, or, with `json`, as an
 * event on standard output. Returns: 0, -ENOENT (no terminal), -EIO, -ENOMEM. */
MUST_CHECK int show_generated(const struct secret_text *passphrase, bool json);

#endif
