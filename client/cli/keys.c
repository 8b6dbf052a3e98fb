#include "cli/keys.h"

#include <stdbool.h>
#include <string.h>

#include "base/secret.h"

enum { ESCAPE = 0x1b };

static bool is_within(char byte, char first, char last)
{
    return byte >= first && byte <= last;
}

/* The length of the sequence that an escape at the head of `bytes` (1 or more) bytes begins. */
static size_t sequence(const char *from, size_t bytes)
{
    if (bytes < 2)
        return 1;
    if (from[1] == 'O' && bytes > 2) /* SS3 */
        return 3;
    if (from[1] != '[')
        return is_within(from[1], 0x20, 0x7e) ? 2 : 1; /* with Alt */
    size_t at = 2;
    if (at < bytes && from[at] == '[') /* a function key of the Linux console */
        return at + 1 < bytes ? at + 2 : bytes;
    while (at < bytes && is_within(from[at], 0x20, 0x3f))
        at++;
    return at < bytes && is_within(from[at], 0x40, 0x7e) ? at + 1 : at;
}

size_t keys_drop(char *line, size_t bytes)
{
    size_t kept = 0;
    for (size_t at = 0; at < bytes;) {
        if (line[at] == ESCAPE)
            at += sequence(line + at, bytes - at);
        else
            line[kept++] = line[at++];
    }
    secret_wipe(line + kept, bytes - kept);
    return kept;
}
