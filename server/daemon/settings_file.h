/* The settings of a daemon: flags, environment and configuration file. */
#ifndef REUNION_DAEMON_SETTINGS_FILE_H
#define REUNION_DAEMON_SETTINGS_FILE_H

#include "option/settings.h"

enum { SETTINGS_FILE_BYTES_MAX = 65536 };

/* Read the configuration file at `path`, which the setting "config" has named, as
 * settings_read_json does its text.
 * Returns: 0, -EINVAL (something is wrong, which may be that it cannot be read). */
MUST_CHECK int settings_file_read(const struct settings *settings, const char *path,
                                  FILE *complaints);

/* Where settings come from besides a file. */
struct settings_sources {
    int argc;
    char *const *argv;
    char *const *environment; /* as `environ` has it */
};

/* Read the flags, the variables, and the file that one of them names, if any: `file` is the value
 * of the setting "config". Each thing wrong becomes a line in `complaints`. Returns: 0, -EINVAL
 * (something is wrong; all else is set nevertheless). */
MUST_CHECK int settings_read(const struct settings *settings,
                             const struct settings_sources *sources,
                             const struct setting_text *file, FILE *complaints);

#endif
