#include "run/engine.h"

#include <sched.h>

#include "base/err.h"
#include "cli/print.h"
#include "reunion/reunion.h"

enum { THREADS_USUAL_MAX = 64 };

/* Somebody who asks for an engine wants that one, or to know. */
static bool is_as_wished(void)
{
    switch (reunion_engine_check()) {
    case 0:
        return true;
    case -ENOTSUP:
        print("this machine cannot run the engine that REUNION_CTIDH names");
        return false;
    default:
        print("REUNION_CTIDH names no engine: choose portable, scalar or avx512");
        return false;
    }
}

const struct program_engine run_engine = {reunion_engine, is_as_wished};

unsigned engine_threads(int64_t wished)
{
    cpu_set_t ours;
    if (wished > 0)
        return (unsigned)wished;
    int count = sched_getaffinity(0, sizeof ours, &ours) == 0 ? CPU_COUNT(&ours) : 1;
    if (count < 1)
        count = 1;
    return count < THREADS_USUAL_MAX ? (unsigned)count : THREADS_USUAL_MAX;
}
