/* Vectors of 64-bit lanes, and the multiplication of 52-bit limbs in all lanes at once. */
#ifndef REUNION_CTIDH_LANES_H
#define REUNION_CTIDH_LANES_H

#include <stddef.h>
#include <stdint.h>

/* Addition, shifts and logic are the compiler's own operations on vectors. Only what it has no
 * notation for is named here, twice: as instructions of AVX-512 IFMA, and in plain C on fewer
 * lanes. With the latter the very sources of the vector engine run where the processor has no such
 * instructions, and under valgrind, which does not know them: the tests of constant time do that.
 *
 * A mask has bit i for lane i. So 0 and all ones mean none and all of them, whatever their number.
 */

enum { LIMB_BITS = 52 };
#define LIMB_MASK ((UINT64_C(1) << LIMB_BITS) - 1)

#ifndef CTIDH_LANES_EMULATED

#include <immintrin.h>

enum { LANES = 8 };
typedef uint64_t vec __attribute__((vector_size(64)));
typedef int64_t signed_vec __attribute__((vector_size(64)));

static inline vec vec_of(uint64_t value)
{
    return (vec)_mm512_set1_epi64((long long)value);
}

/* sum + the low, or the high, 52 bits of the product of the low 52 bits of a and b */
static inline vec vec_mul_low(vec sum, vec a, vec b)
{
    return (vec)_mm512_madd52lo_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

static inline vec vec_mul_high(vec sum, vec a, vec b)
{
    return (vec)_mm512_madd52hi_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
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

#else

#include "ctidh/mask.h"

enum { LANES = 2 };
typedef uint64_t vec __attribute__((vector_size(16)));
typedef int64_t signed_vec __attribute__((vector_size(16)));
__extension__ typedef unsigned __int128 limb_product;

static inline vec vec_of(uint64_t value)
{
    return (vec){value, value};
}

static inline vec vec_mul_low(vec sum, vec a, vec b)
{
    for (size_t i = 0; i < LANES; i++)
        sum[i] += (a[i] & LIMB_MASK) * (b[i] & LIMB_MASK) & LIMB_MASK;
    return sum;
}

static inline vec vec_mul_high(vec sum, vec a, vec b)
{
    for (size_t i = 0; i < LANES; i++)
        sum[i] += (uint64_t)((limb_product)(a[i] & LIMB_MASK) * (b[i] & LIMB_MASK) >> LIMB_BITS);
    return sum;
}

static inline vec vec_select(uint64_t mask, vec when_set, vec when_clear)
{
    vec out = {0};
    for (size_t i = 0; i < LANES; i++)
        out[i] = mask_select(mask_bit(mask >> i), when_set[i], when_clear[i]);
    return out;
}

static inline uint64_t vec_zero_mask(vec a)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < LANES; i++)
        mask |= ~mask_nonzero(a[i]) & UINT64_C(1) << i;
    return mask;
}

static inline uint64_t vec_negative_mask(vec a)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < LANES; i++)
        mask |= a[i] >> 63 << i;
    return mask;
}

#endif

/* Carries are signed: a column may have been subtracted from. */
static inline vec vec_carry(vec a)
{
    return (vec)((signed_vec)a >> LIMB_BITS);
}

#endif
