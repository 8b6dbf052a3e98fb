/* A source of randomness that asks another one for many bytes at once. */
#ifndef REUNION_BASE_BUFFERED_RANDOM_H
#define REUNION_BASE_BUFFERED_RANDOM_H

#include "base/random.h"

/* DESIGN: asking the system takes as long as a small box does, and packets need 16 bytes at a time.
 * What is handed out is wiped here. For numbers that are sent, or are soon of no use; keys come
 * from the source itself. One thread. */

enum { BUFFERED_RANDOM_BYTES = 512 };

struct buffered_random {
    const struct random_source *from;
    uint8_t drawn[BUFFERED_RANDOM_BYTES];
    size_t left; /* at the end */
};

/* Begin with nothing drawn; `from` must outlive it. */
void buffered_random_init(struct buffered_random *buffered, const struct random_source *from);

/* It as a source, for as long as it stays where it is. */
struct random_source buffered_random_source(struct buffered_random *buffered);

#endif
