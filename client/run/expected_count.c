#include "run/expected_count.h"

bool expected_count_is_exceeded(const struct expected_count *expected_count, size_t messages)
{
    return expected_count->wanted > 0 && messages > expected_count->wanted;
}

bool expected_count_is_met(const struct expected_count *expected_count, size_t messages)
{
    return expected_count->wanted > 0 ? messages >= expected_count->wanted : messages > 0;
}
