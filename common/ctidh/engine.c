#include "ctidh/engine.h"

#include "ctidh/action.h"
#include "ctidh/field.h"
#include "ctidh/validate.h"

static int validate(bool *valid, const struct journey *journeys, size_t count,
                    const struct random_source *random, const struct ctidh1024_cancel *cancel)
{
    for (size_t first = 0; first < count; first += LANES) {
        if (cancel_asked(cancel))
            return -ECANCELED;
        struct encoded encoded[LANES] = {{{0}}}; /* idle lanes: the base curve */
        size_t taken = count - first < LANES ? count - first : LANES;
        for (size_t lane = 0; lane < taken; lane++)
            encoded[lane] = journeys[first + lane].a;
        struct fp a;
        fp_load(&a, encoded);
        uint64_t supersingular = curve_validate(&a, random);
        for (size_t lane = 0; lane < taken; lane++)
            valid[first + lane] = (supersingular & lane_mask(lane)) != 0;
    }
    return 0;
}

#ifdef CTIDH_VECTOR
static bool is_exact(void)
{
    return fpv_is_exact();
}
#else
static bool is_exact(void)
{
    return true;
}
#endif

#if defined(CTIDH_AVX512F)
#define NAME "avx512f"
#elif defined(CTIDH_AVX2)
#define NAME "avx2"
#elif defined(CTIDH_VECTOR)
#define NAME "avx512"
#elif defined(CTIDH_SCALAR)
#define NAME "scalar"
#else
#define NAME "portable"
#endif

const struct engine engine_portable = {NAME, LANES, is_exact, validate, action_run};
