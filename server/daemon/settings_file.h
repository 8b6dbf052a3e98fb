/* The configuration file of a daemon. */
#ifndef REUNION_DAEMON_SETTINGS_FILE_H
#define REUNION_DAEMON_SETTINGS_FILE_H

#include "option/settings.h"

enum { SETTINGS_FILE_BYTES_MAX = 65536 };

/* Read the configuration file at `path`, which the setting `named_by` has named, as
 * settings_read_json does its text.
 * Returns: 0, -EINVAL (something is wrong, which may be that it cannot be read). */
MUST_CHECK int settings_file_read(const struct settings *settings, const char *path,
                                  const char *named_by, FILE *complaints);

#endif
