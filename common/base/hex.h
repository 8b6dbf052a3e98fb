/* Lower-case hexadecimal, strictly parsed. */
#ifndef REUNION_BASE_HEX_H
#define REUNION_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Write `bytes` bytes as 2·bytes digits and a terminating zero to `text`. Constant time. */
void hex_encode(char *text, const uint8_t *data, size_t bytes);

/* Read exactly 2·bytes lower-case digits, followed by the string's end, into `data`.
 * Returns: 0, -EBADMSG (another length, another character); `data` is untouched then. */
MUST_CHECK int hex_decode(uint8_t *data, size_t bytes, const char *text);

#endif
