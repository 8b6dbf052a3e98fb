/* How many messages a run expects (--expect), and whether enough have come. */
#ifndef REUNION_RUN_EXPECTED_COUNT_H
#define REUNION_RUN_EXPECTED_COUNT_H

#include <stdbool.h>
#include <stddef.h>

struct expected_count {
    size_t wanted; /* messages; 0: nobody in particular */
};

/* Whether more came than expected: somebody else knows the passphrase. */
bool expected_count_is_exceeded(const struct expected_count *expected_count, size_t messages);

/* Whether so many messages are a success. */
bool expected_count_is_met(const struct expected_count *expected_count, size_t messages);

#endif
