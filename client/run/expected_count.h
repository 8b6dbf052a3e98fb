/* When enough is enough: how many messages a run expects. */
#ifndef REUNION_RUN_EXPECTED_COUNT_H
#define REUNION_RUN_EXPECTED_COUNT_H

#include <stdbool.h>
#include <stddef.h>

struct expectation {
    size_t wanted; /* messages; 0: nobody in particular */
};

/* Whether more came than expected: somebody else knows the passphrase. */
bool expectation_is_exceeded(const struct expectation *expectation, size_t messages);

/* Whether so many messages are a success. */
bool expectation_is_met(const struct expectation *expectation, size_t messages);

#endif
