/* Strict reading of UTF-8 (RFC 3629). */
#ifndef REUNION_CLI_UTF8_H
#define REUNION_CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first character of `bytes` (1 or more) bytes.
 * Returns: its length in bytes, 1 to 4; or 0 if there is none: cut off, overlong, a surrogate, or
 * beyond U+10FFFF. */
size_t utf8_next(uint32_t *character, const uint8_t *text, size_t bytes);

/* Whether all of it is UTF-8. */
bool utf8_is_valid(const uint8_t *text, size_t bytes);

#endif
