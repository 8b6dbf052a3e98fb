/* A received message as one line that is safe to print on a terminal. */
#ifndef REUNION_CLI_DISPLAY_H
#define REUNION_CLI_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the line of a payload of so many bytes: no character takes more than four for each of
 * its bytes, and then there are the mark and the line's end. */
#define DISPLAY_BYTES_MAX(payload_bytes) (4 * (payload_bytes) + 16)

/* Write a payload without its padding as a line to `out`, which has DISPLAY_BYTES_MAX bytes.
 * Whatever the payload is, the line holds one newline, at its end, and is UTF-8 without control
 * characters; different messages give different lines. Returns: the line's length. */
size_t display_line(char *out, const uint8_t *payload, size_t payload_bytes);

/* Whether a name can stand among other text as it is, and looks like no other: UTF-8 that is not
 * empty, without control characters, characters of no width, and blanks at its ends. */
bool display_is_name(const uint8_t *name, size_t bytes);

#endif
