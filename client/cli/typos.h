/* Typing errors: whether a word was probably meant to be another one. */
#ifndef REUNION_CLI_TYPOS_H
#define REUNION_CLI_TYPOS_H

#include <stdbool.h>
#include <stddef.h>

enum { SLIPS_NONE = 3 }; /* one more than a name has that is still known */

/* Whether `bytes` typed characters are a slip of `name` (a letter that differs, is missing or too
 * many, at most twice, and in less than half of it), with fewer slips than `fewest`, which is then
 * set to their number; begin with SLIPS_NONE. Any thread.
 * Returns: false also for names over 32 characters. */
bool typo_of(const char *typed, size_t bytes, const char *name, size_t *fewest);

#endif
