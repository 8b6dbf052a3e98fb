/* Two lanes in plain C. */
#ifndef REUNION_CTIDH_LANES_EMULATED_H
#define REUNION_CTIDH_LANES_EMULATED_H

/* For lanes.h alone, which says what each of these is. The halves of products have the bias that
 * they have in the engine whose lanes are emulated. */

#include "ctidh/limb.h"
#include "ctidh/mask.h"

#if defined(CTIDH_AVX512F) || defined(CTIDH_AVX2)
#include "ctidh/fma.h"
#else
enum { LOW_BIAS = 0, HIGH_BIAS = 0 };
#endif

enum { LANES = 2 };
typedef uint64_t vec __attribute__((vector_size(16)));
typedef int64_t signed_vec __attribute__((vector_size(16)));
__extension__ typedef unsigned __int128 limb_product;

typedef vec operand;
typedef uint64_t constant_limb;

#define VEC_ALL(x)                                                                                 \
    {                                                                                              \
        x, x                                                                                       \
    }
/* Not in assembly: MemorySanitizer takes any use in it for a branch. */
#define IN_REGISTER(vector) ((void)(vector))

static inline vec vec_of(uint64_t value)
{
    return (vec)VEC_ALL(value);
}

static inline operand operand_of(vec a)
{
    return a & vec_of(LIMB_MASK);
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
    for (size_t i = 0; i < LANES; i++) {
        (*low)[i] += (a[i] * b[i] & LIMB_MASK) + LOW_BIAS;
        (*high)[i] += (uint64_t)((limb_product)a[i] * b[i] >> LIMB_BITS) + HIGH_BIAS;
    }
}

static inline void vec_add_four_products(const struct multiplier *multiplier, vec *c0, vec *c1,
                                         vec *c2, vec *c3, vec *c4, const operand factor[4],
                                         operand limb)
{
    vec_add_product(multiplier, c0, c1, factor[0], limb);
    vec_add_product(multiplier, c1, c2, factor[1], limb);
    vec_add_product(multiplier, c2, c3, factor[2], limb);
    vec_add_product(multiplier, c3, c4, factor[3], limb);
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

enum { CARRY_OFFSET = 0, CARRY_EXCESS = 0 };

static inline vec vec_carry(vec a)
{
    return (vec)((signed_vec)a >> LIMB_BITS);
}

#endif
