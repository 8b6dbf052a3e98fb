/* Eight lanes: what all engines of AVX-512 have in common. */
#ifndef REUNION_CTIDH_LANES_512_H
#define REUNION_CTIDH_LANES_512_H

#include <immintrin.h>

#include "ctidh/limb.h"

enum { LANES = 8 };
typedef uint64_t vec __attribute__((vector_size(64)));
typedef int64_t signed_vec __attribute__((vector_size(64)));

#define VEC_ALL(x)                                                                                 \
    {                                                                                              \
        x, x, x, x, x, x, x, x                                                                     \
    }
#define IN_REGISTER(vector) __asm__("" : "+v"(vector))

static inline vec vec_of(uint64_t value)
{
    return (vec)_mm512_set1_epi64((long long)value);
}

static inline vec vec_select(uint64_t mask, vec when_set, vec when_clear)
{
    return (vec)_mm512_mask_blend_epi64((__mmask8)mask, (__m512i)when_clear, (__m512i)when_set);
}

static inline uint64_t vec_zero_mask(vec a)
{
    return _mm512_testn_epi64_mask((__m512i)a, (__m512i)a);
}

static inline uint64_t vec_negative_mask(vec a)
{
    return _mm512_cmplt_epi64_mask((__m512i)a, _mm512_setzero_si512());
}

enum { CARRY_OFFSET = 0, CARRY_EXCESS = 0 };

static inline vec vec_carry(vec a)
{
    return (vec)((signed_vec)a >> LIMB_BITS);
}

#endif
