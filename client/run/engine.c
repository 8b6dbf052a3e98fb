#include "run/engine.h"

#include "base/err.h"
#include "cli/print.h"
#include "cli/processors.h"
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
        print("REUNION_CTIDH names no engine: choose portable, scalar, avx2, avx512f or avx512");
        return false;
    }
}

const struct program_engine run_engine = {reunion_engine, is_as_wished};

unsigned engine_threads(int64_t wished)
{
    if (wished > 0)
        return (unsigned)wished;
    unsigned count = processors_usable();
    return count < THREADS_USUAL_MAX ? count : THREADS_USUAL_MAX;
}
