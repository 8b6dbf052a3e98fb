#include "base/stop.h"

int stop_wait(const struct stop_source *stop, int64_t ms)
{
    return stop->wait(stop->state, ms);
}

bool stop_asked(const struct stop_source *stop)
{
    return stop->wait(stop->state, 0) != 0;
}
