/* Recognising keys in typed input that are no text, such as arrows. */
#ifndef REUNION_CLI_KEYS_H
#define REUNION_CLI_KEYS_H

#include <stddef.h>

/* Take out what arrows and other keys send: escape sequences (ECMA-48: CSI, SS3; those of the Linux
 * console), and a lone escape. `line` may be shortened, what is behind is wiped.
 * Returns: the bytes that are left. */
size_t keys_drop(char *line, size_t bytes);

#endif
