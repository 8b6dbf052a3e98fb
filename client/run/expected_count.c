#include "run/expected_count.h"

bool expectation_is_exceeded(const struct expectation *expectation, size_t messages)
{
    return expectation->wanted > 0 && messages > expectation->wanted;
}

bool expectation_is_met(const struct expectation *expectation, size_t messages)
{
    return expectation->wanted > 0 ? messages >= expectation->wanted : messages > 0;
}
