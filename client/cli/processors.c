#include "cli/processors.h"

#include <sched.h>

unsigned processors_usable(void)
{
    cpu_set_t ours;
    int count = sched_getaffinity(0, sizeof ours, &ours) == 0 ? CPU_COUNT(&ours) : 1;
    return count > 1 ? (unsigned)count : 1;
}
