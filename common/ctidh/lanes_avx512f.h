/* Eight lanes with the instructions of AVX-512F alone. */
#ifndef REUNION_CTIDH_LANES_AVX512F_H
#define REUNION_CTIDH_LANES_AVX512F_H

/* For lanes.h alone, which says what each of these is. */

#include "ctidh/fma.h"
#include "ctidh/lanes_512.h"

typedef __m512d operand;
typedef double constant_limb;

static inline operand operand_of(vec a)
{
    vec bits = (a & vec_of(LIMB_MASK)) | vec_of(TWO_52_BITS);
    return _mm512_sub_pd((__m512d)bits, _mm512_set1_pd(TWO_52));
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
    return _mm512_set1_pd(limb);
}

enum { LIMBS_AT_ONCE = 2 };

struct multiplier {
    __m512d two_104;
    __m512d two_104_and_52;
};

static inline struct multiplier multiplier_open(void)
{
    struct multiplier multiplier = {_mm512_set1_pd(TWO_104), _mm512_set1_pd(TWO_104_AND_52)};
    IN_REGISTER(multiplier.two_104);
    IN_REGISTER(multiplier.two_104_and_52);
    return multiplier;
}

static inline void multiplier_close(const struct multiplier *multiplier)
{
    (void)multiplier;
}

/* In assembly, as compilers take sums apart and put them together again until they lack registers;
 * and rounding towards zero is this instruction's own. */
static inline void vec_add_product(const struct multiplier *multiplier, vec *low, vec *high,
                                   operand a, operand b)
{
    operand upper = multiplier->two_104;
    __asm__("vfmadd231pd %{rz-sae%}, %2, %1, %0" : "+v"(upper) : "v"(a), "v"(b));
    operand lower = _mm512_sub_pd(multiplier->two_104_and_52, upper);
    __asm__("vfmadd231pd %2, %1, %0" : "+v"(lower) : "v"(a), "v"(b));
    __asm__("vpaddq %1, %0, %0" : "+v"(*high) : "v"(upper));
    __asm__("vpaddq %1, %0, %0" : "+v"(*low) : "v"(lower));
}

#endif
