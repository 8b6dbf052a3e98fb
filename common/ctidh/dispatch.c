#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ctidh/ctidh.h"
#include "ctidh/engine.h"

static bool have_always(void)
{
    return true;
}

#ifdef CTIDH_HAVE_SCALAR
#include <cpuid.h>

enum { LEAF_FEATURES = 7 };

/* Asked of the processor itself: not every compiler's run time knows of ADX. */

static bool have_mulx(void)
{
    unsigned a, b = 0, c, d;
    return __get_cpuid_count(LEAF_FEATURES, 0, &a, &b, &c, &d) && (b & bit_BMI2) && (b & bit_ADX);
}
#endif

#ifdef CTIDH_HAVE_AVX512
/* Whether the system saves their registers as well: the compiler's run time looks at both. */
static bool have_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}
#endif

#ifdef CTIDH_HAVE_AVX512F
static bool have_avx512f(void)
{
    return __builtin_cpu_supports("avx512f");
}
#endif

#ifdef CTIDH_HAVE_AVX2
static bool have_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

/* The fastest first, as far as this build has them. */
static const struct candidate {
    const char *name;
    const struct engine *engine; /* NULL: not in this build */
    bool (*have)(void);
} candidates[] = {
#ifdef CTIDH_HAVE_AVX512
    {"avx512", &engine_avx512, have_avx512},
#else
    {"avx512", NULL, have_always},
#endif
#ifdef CTIDH_HAVE_AVX512F
    {"avx512f", &engine_avx512f, have_avx512f},
#else
    {"avx512f", NULL, have_always},
#endif
#ifdef CTIDH_HAVE_AVX2
    {"avx2", &engine_avx2, have_avx2},
#else
    {"avx2", NULL, have_always},
#endif
#ifdef CTIDH_HAVE_SCALAR
    {"scalar", &engine_scalar, have_mulx},
#else
    {"scalar", NULL, have_always},
#endif
    {"portable", &engine_portable, have_always},
};
enum { CANDIDATES = sizeof candidates / sizeof candidates[0] };

static const struct engine *for_many;
static const struct engine *for_several; /* up to as many as it has lanes */
static const struct engine *for_few;
static int complaint;
static pthread_once_t choice = PTHREAD_ONCE_INIT;

static bool is_available(const struct candidate *candidate)
{
    return candidate->engine && candidate->have() && candidate->engine->is_exact();
}

/* The fastest with at most that many lanes. The portable one always is. */
static const struct engine *fastest(size_t lanes_max)
{
    for (size_t i = 0; i < CANDIDATES; i++)
        if (is_available(&candidates[i]) && candidates[i].engine->lanes <= lanes_max)
            return candidates[i].engine;
    return &engine_portable;
}

int engine_find(const char *name, const struct engine **engine)
{
    for (size_t i = 0; i < CANDIDATES; i++) {
        if (strcmp(name, candidates[i].name) != 0)
            continue;
        if (!is_available(&candidates[i]))
            return -ENOTSUP;
        *engine = candidates[i].engine;
        return 0;
    }
    return -EINVAL;
}

/* Eight lanes without IFMA take longer than four do, also where four are enough: by 1.8 on a Zen 4
 * core. With IFMA they do not. */
static const struct engine *of_fewer_lanes(const struct engine *many)
{
    const struct engine *found;
    if (strcmp(many->name, "avx512f") == 0 && engine_find("avx2", &found) == 0)
        return found;
    return many;
}

static void choose(void)
{
    for_many = fastest(SIZE_MAX);
    const char *wish = getenv("REUNION_CTIDH");
    if (wish && *wish)
        complaint = engine_find(wish, &for_many);
    for_several = of_fewer_lanes(for_many);
    for_few = for_many->lanes > 1 ? fastest(1) : for_many;
}

static void choose_once(void)
{
    INVARIANT(pthread_once(&choice, choose) == 0);
}

const struct engine *engine_for(size_t count)
{
    choose_once();
    if (count <= CTIDH1024_FEW)
        return for_few;
    return count <= for_several->lanes ? for_several : for_many;
}

const char *ctidh1024_engine_name(void)
{
    choose_once();
    return for_many->name;
}

int ctidh1024_engine_check(void)
{
    choose_once();
    return complaint;
}

size_t ctidh1024_lanes(void)
{
    choose_once();
    return for_many->lanes;
}
