/* Four lanes with the instructions of AVX2 and FMA. */
#ifndef REUNION_CTIDH_LANES_AVX2_H
#define REUNION_CTIDH_LANES_AVX2_H

/* For lanes.h alone, which says what each of these is. */

#include <immintrin.h>

#include "ctidh/fma.h"
#include "ctidh/limb.h"

enum { LANES = 4 };
typedef uint64_t vec __attribute__((vector_size(32)));
typedef int64_t signed_vec __attribute__((vector_size(32)));

typedef __m256d operand;
typedef double constant_limb;

#define VEC_ALL(x)                                                                                 \
    {                                                                                              \
        x, x, x, x                                                                                 \
    }
#define IN_REGISTER(vector) __asm__("" : "+x"(vector))

static inline vec vec_of(uint64_t value)
{
    return (vec)_mm256_set1_epi64x((long long)value);
}

static inline operand operand_of(vec a)
{
    vec bits = (a & vec_of(LIMB_MASK)) | vec_of(TWO_52_BITS);
    return _mm256_sub_pd((__m256d)bits, _mm256_set1_pd(TWO_52));
}

static inline const operand *operands_of(operand *room, const vec *limb, size_t count)
{
    UNROLLED
    for (size_t i = 0; i < count; i++)
        room[i] = operand_of(limb[i]);
    return room;
}

static inline operand operand_constant(constant_limb limb)
{
    return _mm256_set1_pd(limb);
}

/* Until multiplier_close, sums and products of doubles are rounded towards zero. Whatever is
 * computed with a multiplier waits for that, and has been stored before it ends. */
struct multiplier {
    __m256d two_104;
    __m256d two_104_and_52;
    unsigned mode; /* as it was before */
};

static inline struct multiplier multiplier_open(void)
{
    /* No exception traps, none is noted when the mode is restored, and subnormals are as usual. */
    static const unsigned towards_zero = 0x7f80;
    struct multiplier multiplier = {_mm256_set1_pd(TWO_104), _mm256_set1_pd(TWO_104_AND_52),
                                    _mm_getcsr()};
    __asm__ volatile("vldmxcsr %2"
                     : "+x"(multiplier.two_104), "+x"(multiplier.two_104_and_52)
                     : "m"(towards_zero));
    return multiplier;
}

static inline void multiplier_close(const struct multiplier *multiplier)
{
    __asm__ volatile("vldmxcsr %0" : : "m"(multiplier->mode) : "memory");
}

/* In assembly, as compilers take sums apart and put them together again until they lack registers,
 * and know nothing of the mode. */
static inline void vec_add_product(const struct multiplier *multiplier, vec *low, vec *high,
                                   operand a, operand b)
{
    operand upper = multiplier->two_104, lower;
    __asm__("vfmadd231pd %2, %1, %0" : "+x"(upper) : "x"(a), "x"(b));
    __asm__("vsubpd %2, %1, %0" : "=x"(lower) : "x"(multiplier->two_104_and_52), "x"(upper));
    __asm__("vfmadd231pd %2, %1, %0" : "+x"(lower) : "x"(a), "x"(b));
    __asm__("vpaddq %1, %0, %0" : "+x"(*high) : "x"(upper));
    __asm__("vpaddq %1, %0, %0" : "+x"(*low) : "x"(lower));
}

/* Two products at a time, of `limb` with two factors, to three columns next to each other. */
#define TWO_PRODUCTS(f0, f1, c0, c1, c2)                                                           \
    "vmovapd %[upper], %[t0]\n\t"                                                                  \
    "vmovapd %[upper], %[t1]\n\t"                                                                  \
    "vfmadd231pd %[limb], %[" f0 "], %[t0]\n\t"                                                    \
    "vfmadd231pd %[limb], %[" f1 "], %[t1]\n\t"                                                    \
    "vsubpd %[t0], %[lower], %[t2]\n\t"                                                            \
    "vpaddq %[t0], %[" c1 "], %[" c1 "]\n\t"                                                       \
    "vsubpd %[t1], %[lower], %[t0]\n\t"                                                            \
    "vpaddq %[t1], %[" c2 "], %[" c2 "]\n\t"                                                       \
    "vfmadd231pd %[limb], %[" f0 "], %[t2]\n\t"                                                    \
    "vfmadd231pd %[limb], %[" f1 "], %[t0]\n\t"                                                    \
    "vpaddq %[t2], %[" c0 "], %[" c0 "]\n\t"                                                       \
    "vpaddq %[t0], %[" c1 "], %[" c1 "]\n\t"

/* All that it works on is in registers: 15 of 16. */
static inline void vec_add_four_products(const struct multiplier *multiplier, vec *c0, vec *c1,
                                         vec *c2, vec *c3, vec *c4, const operand factor[4],
                                         operand limb)
{
    operand t0, t1, t2;
    __asm__(TWO_PRODUCTS("f0", "f1", "c0", "c1", "c2") TWO_PRODUCTS("f2", "f3", "c2", "c3", "c4")
            : [c0] "+x"(*c0), [c1] "+x"(*c1), [c2] "+x"(*c2), [c3] "+x"(*c3), [c4] "+x"(*c4),
              [t0] "=&x"(t0), [t1] "=&x"(t1), [t2] "=&x"(t2)
            : [limb] "x"(limb), [f0] "x"(factor[0]), [f1] "x"(factor[1]), [f2] "x"(factor[2]),
              [f3] "x"(factor[3]), [upper] "x"(multiplier->two_104),
              [lower] "x"(multiplier->two_104_and_52));
}
#undef TWO_PRODUCTS

static inline vec vec_select(uint64_t mask, vec when_set, vec when_clear)
{
    const __m256i bit = _mm256_setr_epi64x(1, 2, 4, 8);
    __m256i all = _mm256_set1_epi64x((long long)mask);
    __m256i set = _mm256_cmpeq_epi64(_mm256_and_si256(all, bit), bit);
    return (vec)_mm256_blendv_epi8((__m256i)when_clear, (__m256i)when_set, set);
}

static inline uint64_t vec_negative_mask(vec a)
{
    return (uint64_t)_mm256_movemask_pd((__m256d)a);
}

static inline uint64_t vec_zero_mask(vec a)
{
    return vec_negative_mask((vec)_mm256_cmpeq_epi64((__m256i)a, _mm256_setzero_si256()));
}

/* There is no arithmetic shift of 64 bits: moved up by 2^63, no number is negative. */
#define CARRY_OFFSET (UINT64_C(1) << 63)
#define CARRY_EXCESS (CARRY_OFFSET >> LIMB_BITS)

static inline vec vec_carry(vec a)
{
    return a >> LIMB_BITS;
}

#endif
