/* Reading a passphrase or a message from a file, whole. */
#ifndef REUNION_CLI_SECRET_FILE_H
#define REUNION_CLI_SECRET_FILE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/stop.h"
#include "cli/secret_text.h"

/* Read an open descriptor to its end, straight into guarded memory, and drop one line end there.
 * Returns: 0; -EMSGSIZE (over SECRET_TEXT_BYTES_MAX); -ECANCELED (by `stop`); -ENOMEM; another
 * error of the system, as it came. */
MUST_CHECK int secret_file_read(struct secret_text *secret, int fd, const struct stop_source *stop);

/* Read the file at `path`; "-" is standard input. `*exposed` (unless NULL): it is an ordinary file
 * that others on this machine may read.
 * Returns: the same. */
MUST_CHECK int secret_file_load(struct secret_text *secret, const char *path, bool *exposed,
                                const struct stop_source *stop);

/* The same for what has to be there soon: -ETIMEDOUT where nothing comes for `patience_ms`. */
MUST_CHECK int secret_file_load_soon(struct secret_text *secret, const char *path, bool *exposed,
                                     int patience_ms, const struct stop_source *stop);

#endif
