/* Settings in a JSON object, the text of a configuration file. */
#ifndef REUNION_OPTION_SETTINGS_JSON_H
#define REUNION_OPTION_SETTINGS_JSON_H

#include <jansson.h>

#include "option/settings.h"

/* Read the text of a configuration file, a JSON object. `name` is what complaints call the file.
 * Returns: 0, -EINVAL. */
MUST_CHECK int settings_read_json(const struct settings *settings, const char *text, size_t bytes,
                                  const char *name, FILE *complaints);

/* Give a setting the value of a member, which complaints call `where`. `value` must live as long as
 * a FORM_STRING or FORM_STRINGS has its text. Returns: as settings_give. */
MUST_CHECK int settings_give_json(const struct settings *settings,
                                  const struct setting_entry *entry, const json_t *value,
                                  const char *where, FILE *complaints);

#endif
