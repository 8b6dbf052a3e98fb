#include "lib/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seeded seeded_open(void)
{
    const char *wanted = getenv("REUNION_TEST_SEED");
    uint64_t seed;
    if (wanted)
        seed = strtoull(wanted, NULL, 0);
    else
        random_fill(&random_system, (uint8_t *)&seed, sizeof seed);
    printf("seed: REUNION_TEST_SEED=0x%016" PRIx64 "\n", seed);
    return (struct seeded){seed};
}

uint64_t seeded_next(struct seeded *seeded)
{
    uint64_t z = seeded->state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

size_t seeded_below(struct seeded *seeded, size_t bound)
{
    return (size_t)(seeded_next(seeded) % bound);
}

void seeded_order(struct seeded *seeded, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t left = count; left > 1; left--) {
        size_t drawn = seeded_below(seeded, left), kept = order[drawn];
        order[drawn] = order[left - 1];
        order[left - 1] = kept;
    }
}

static void seeded_fill(void *state, uint8_t *out, size_t bytes)
{
    for (size_t done = 0; done < bytes; done += sizeof(uint64_t)) {
        uint64_t next = seeded_next(state);
        size_t left = bytes - done;
        memcpy(out + done, &next, left < sizeof next ? left : sizeof next);
    }
}

struct random_source seeded_source(struct seeded *seeded)
{
    return (struct random_source){seeded_fill, seeded};
}
