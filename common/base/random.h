/* The source of randomness as a parameter, so that tests can replay it. */
#ifndef REUNION_BASE_RANDOM_H
#define REUNION_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills `out` with `bytes` bytes; `state` belongs to the maker of the source. */
struct random_source {
    void (*fill)(void *state, uint8_t *out, size_t bytes);
    void *state;
};

/* The system's generator, through libsodium. Any thread. */
extern const struct random_source random_system;

/* Fill `out` from `source`. As thread-safe as the source is. */
void random_fill(const struct random_source *source, uint8_t *out, size_t bytes);

/* A uniform number below `bound` (1 to 2^32-1), without modulo bias. */
uint32_t random_below(const struct random_source *source, uint32_t bound);

#endif
