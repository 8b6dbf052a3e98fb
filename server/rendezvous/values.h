/* Values of settings: parsing and printing. */
#ifndef REUNION_RENDEZVOUS_VALUES_H
#define REUNION_RENDEZVOUS_VALUES_H

#include "rendezvous/settings.h"

/* Where a setting's value is. */
void *value_place(const struct setting *setting, struct config *config);

/* Give a setting the value that `text` spells; one more, if it may be repeated.
 * Returns: 0, -EINVAL (the value is untouched). */
MUST_CHECK int value_assign(const struct setting *setting, struct config *config, const char *text);

/* Write a setting's value as it would be given, several with spaces between; "-" where there is
 * none. */
void value_print(const struct setting *setting, const struct config *config, FILE *to);

/* Write what a setting takes: "TIME from 1s to 1h". */
void value_describe(const struct setting *setting, FILE *to);

#endif
