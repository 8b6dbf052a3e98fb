#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ctidh/ctidh.h"
#include "ctidh/engine.h"

static const struct engine *chosen;
static pthread_once_t choice = PTHREAD_ONCE_INIT;

/* Whether the processor has the instructions and the system saves their registers: the compiler's
 * run time looks at both. */
static const struct engine *engine_fastest(void)
{
#ifdef CTIDH_HAVE_AVX512
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma"))
        return &engine_avx512;
#endif
    return &engine_portable;
}

static void choose(void)
{
    const char *wish = getenv("REUNION_CTIDH");
    bool portable = wish && strcmp(wish, engine_portable.name) == 0;
    chosen = portable ? &engine_portable : engine_fastest();
}

const struct engine *engine_chosen(void)
{
    INVARIANT(pthread_once(&choice, choose) == 0);
    return chosen;
}

const char *ctidh1024_engine_name(void)
{
    return engine_chosen()->name;
}

size_t ctidh1024_lanes(void)
{
    return engine_chosen()->lanes;
}
