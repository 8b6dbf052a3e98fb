/* Unbuffered writing, so that no copy of a secret stays in a buffer. */
#ifndef REUNION_CLI_WRITE_ALL_H
#define REUNION_CLI_WRITE_ALL_H

#include <stddef.h>

#include "base/err.h"

/* Write all bytes to `fd`, waiting as long as it takes. Returns: 0, or the system's
 * error, as it came. */
MUST_CHECK int write_all(int fd, const char *bytes, size_t count);

#endif
