/* Eight lanes with the instructions of AVX-512 IFMA. */
#ifndef REUNION_CTIDH_LANES_AVX512_H
#define REUNION_CTIDH_LANES_AVX512_H

/* For lanes.h alone, which says what each of these is. */

#include "ctidh/lanes_512.h"

typedef vec operand;
typedef uint64_t constant_limb;
enum { LOW_BIAS = 0, HIGH_BIAS = 0 };

static inline operand operand_of(vec a)
{
    return a;
}

static inline const operand *operands_of(operand *room, const vec *limb, size_t count)
{
    (void)room;
    (void)count;
    return limb; /* products read no more than the low 52 bits */
}

static inline operand operand_constant(constant_limb limb)
{
    return vec_of(limb);
}

enum { LIMBS_AT_ONCE = 4 };

struct multiplier {
    char none;
};

static inline struct multiplier multiplier_open(void)
{
    return (struct multiplier){0};
}

static inline void multiplier_close(const struct multiplier *multiplier)
{
    (void)multiplier;
}

static inline void vec_add_product(const struct multiplier *multiplier, vec *low, vec *high,
                                   operand a, operand b)
{
    (void)multiplier;
    *low = (vec)_mm512_madd52lo_epu64((__m512i)*low, (__m512i)a, (__m512i)b);
    *high = (vec)_mm512_madd52hi_epu64((__m512i)*high, (__m512i)a, (__m512i)b);
}

#endif
