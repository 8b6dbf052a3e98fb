/* Settings in a JSON object, the text of a configuration file. */
#ifndef REUNION_OPTION_SETTINGS_JSON_H
#define REUNION_OPTION_SETTINGS_JSON_H

#include "option/settings.h"

/* Read the text of a configuration file, a JSON object. `name` is what complaints call the file.
 * Returns: 0, -EINVAL. */
MUST_CHECK int settings_read_json(const struct settings *settings, const char *text, size_t bytes,
                                  const char *name, FILE *complaints);

#endif
