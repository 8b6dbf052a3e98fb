#include <string.h>

#include "base/err.h"
#include "kat_datagrams.h"

void kat_random_add(struct kat_random *values, const struct kat_bytes *piece)
{
    size_t end = 0;
    for (size_t i = 0; i < values->pieces; i++)
        end += values->sizes[i];
    INVARIANT(values->pieces < KAT_RANDOM_PIECES);
    if (piece->bytes > sizeof values->bytes - end)
        kat_refuse("a random value", "value as short as they are");
    memcpy(values->bytes + end, piece->data, piece->bytes);
    values->sizes[values->pieces++] = piece->bytes;
}

static void fill(void *state, uint8_t *out, size_t bytes)
{
    struct kat_random *values = state;
    if (values->next == values->pieces || values->sizes[values->next] != bytes) {
        values->wrong = true;
        memset(out, 0, bytes);
        return;
    }
    memcpy(out, values->bytes + values->used, bytes);
    values->used += bytes;
    values->next++;
}

struct random_source kat_random_source(struct kat_random *values)
{
    return (struct random_source){fill, values};
}

bool kat_random_is_used_up(const struct kat_random *values)
{
    return !values->wrong && values->next == values->pieces;
}
