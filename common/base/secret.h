/* Memory for secrets: guarded pages, reliable wiping, constant-time comparison and selection. */
#ifndef REUNION_BASE_SECRET_H
#define REUNION_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Make libsodium ready; call before anything else of this project, as often as wanted.
 * Returns: 0, -EIO (no randomness on this system). Any thread. */
MUST_CHECK int secret_init(void);

/* Zeroed memory between guard pages, locked where the system allows it, kept out of core dumps,
 * and aligned for any object.
 * Returns: the memory, owned by the caller until secret_free, or NULL. Any thread. */
MUST_CHECK void *secret_alloc(size_t bytes);

/* Wipe and release; NULL is fine. */
void secret_free(void *secret);

/* Overwrite with zeros in a way no compiler removes. */
void secret_wipe(void *secret, size_t bytes);

/* Compare in constant time. */
bool secret_equal(const void *a, const void *b, size_t bytes);

/* out = mask ? when_set : when_clear, without a branch; `mask` is 0 or 0xff. May alias. */
void secret_select(uint8_t *out, const uint8_t *when_set, const uint8_t *when_clear, size_t bytes,
                   uint8_t mask);

#endif
