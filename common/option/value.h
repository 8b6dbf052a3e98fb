/* Values of settings: parsing and printing. */
#ifndef REUNION_OPTION_VALUE_H
#define REUNION_OPTION_VALUE_H

#include <stdio.h>

#include "option/setting.h"

/* Give what stands at `place`, of the type that the setting's form names, the value that `text`
 * spells; one more, if it may be repeated.
 * Returns: 0; with the value untouched -EINVAL, -ENOSPC (that were too many), -EEXIST (only one is
 * taken), -EMSGSIZE (over `max` bytes), -ENOMEM. */
MUST_CHECK int value_assign(const struct setting *setting, void *place, const char *text);

/* Write the value at `place` as it would be given, several with spaces between; "-" where there is
 * none. */
void value_print(const struct setting *setting, const void *place, FILE *to);

/* Write what a setting takes: "TIME from 1s to 1h". */
void value_describe(const struct setting *setting, FILE *to);

#endif
