/* Names of what an engine other than the portable one is compiled from, so that all of them can
 * stand side by side in a program. */
#ifndef REUNION_CTIDH_NAMES_ENGINE_H
#define REUNION_CTIDH_NAMES_ENGINE_H

#if defined(CTIDH_AVX512F)
#define ENGINE_NAME(name) avx512f_##name
#define engine_portable   engine_avx512f
#elif defined(CTIDH_AVX2)
#define ENGINE_NAME(name) avx2_##name
#define engine_portable   engine_avx2
#elif defined(CTIDH_VECTOR)
#define ENGINE_NAME(name) avx512_##name
#define engine_portable   engine_avx512
#else
#define ENGINE_NAME(name) scalar_##name
#define engine_portable   engine_scalar
#endif

#define curve_set           ENGINE_NAME(curve_set)
#define curve_select        ENGINE_NAME(curve_select)
#define curve_sample_points ENGINE_NAME(curve_sample_points)
#define curve_validate      ENGINE_NAME(curve_validate)
#define point_double        ENGINE_NAME(point_double)
#define point_add           ENGINE_NAME(point_add)
#define point_infinity_mask ENGINE_NAME(point_infinity_mask)
#define point_select        ENGINE_NAME(point_select)
#define point_swap          ENGINE_NAME(point_swap)
#define point_multiply      ENGINE_NAME(point_multiply)
#define point_multiply_each ENGINE_NAME(point_multiply_each)
#define ladder_clear        ENGINE_NAME(ladder_clear)
#define ladder_add          ENGINE_NAME(ladder_add)
#define resultant_open      ENGINE_NAME(resultant_open)
#define resultant_at_units  ENGINE_NAME(resultant_at_units)
#define resultant_at_point  ENGINE_NAME(resultant_at_point)
#define isogeny_apply       ENGINE_NAME(isogeny_apply)
#define action_run          ENGINE_NAME(action_run)

#endif
