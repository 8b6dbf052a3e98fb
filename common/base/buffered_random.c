#include "base/buffered_random.h"

#include <string.h>

#include "base/secret.h"

void buffered_random_init(struct buffered_random *buffered, const struct random_source *from)
{
    *buffered = (struct buffered_random){.from = from};
}

static void fill(void *state, uint8_t *out, size_t bytes)
{
    struct buffered_random *buffered = state;
    if (bytes > sizeof buffered->drawn) {
        random_fill(buffered->from, out, bytes);
        return;
    }
    if (buffered->left < bytes) {
        random_fill(buffered->from, buffered->drawn, sizeof buffered->drawn);
        buffered->left = sizeof buffered->drawn;
    }
    uint8_t *next = buffered->drawn + sizeof buffered->drawn - buffered->left;
    memcpy(out, next, bytes);
    secret_wipe(next, bytes);
    buffered->left -= bytes;
}

struct random_source buffered_random_source(struct buffered_random *buffered)
{
    return (struct random_source){fill, buffered};
}
