#include "cli/typos.h"

#include <string.h>

enum { NAME_BYTES_MAX = 32, TYPOS_MAX = SLIPS_NONE - 1 };

/* How many letters differ, are too many or are missing, at most `TYPOS_MAX` + 1: by one row of the
 * usual table after the other. */
static size_t slips_between(const char *typed, size_t bytes, const char *name)
{
    size_t row[NAME_BYTES_MAX + 1], length = strlen(name);
    if (bytes > NAME_BYTES_MAX || length > NAME_BYTES_MAX)
        return TYPOS_MAX + 1;
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; i <= bytes; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t slips = corner + (typed[i - 1] != name[j - 1]);
            corner = row[j];
            if (slips > row[j] + 1)
                slips = row[j] + 1;
            if (slips > row[j - 1] + 1)
                slips = row[j - 1] + 1;
            row[j] = slips;
        }
    }
    return row[length];
}

bool typo_of(const char *typed, size_t bytes, const char *name, size_t *fewest)
{
    size_t slips = slips_between(typed, bytes, name);
    if (slips > TYPOS_MAX || 2 * slips >= bytes || slips >= *fewest)
        return false;
    *fewest = slips;
    return true;
}
