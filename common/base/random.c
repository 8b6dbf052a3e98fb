#include "base/random.h"

#include <sodium.h>

#include "base/err.h"

static void fill_from_system(void *state, uint8_t *out, size_t bytes)
{
    (void)state;
    randombytes_buf(out, bytes);
}

const struct random_source random_system = {fill_from_system, NULL};

void random_fill(const struct random_source *source, uint8_t *out, size_t bytes)
{
    source->fill(source->state, out, bytes);
}

uint32_t random_below(const struct random_source *source, uint32_t bound)
{
    INVARIANT(bound > 0);
    uint32_t unbiased = UINT32_MAX - UINT32_MAX % bound; /* a multiple of `bound` */
    uint32_t draw;
    do {
        random_fill(source, (uint8_t *)&draw, sizeof draw);
    } while (draw >= unbiased);
    return draw % bound;
}
