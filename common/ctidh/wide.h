/* Sums and differences of sums of products, in words of 64 bits. */
#ifndef REUNION_CTIDH_WIDE_H
#define REUNION_CTIDH_WIDE_H

#include "ctidh/fp1024.h"
#include "ctidh/word.h"

static inline void wide_add(struct fp_wide *sum, const struct fp_wide *term)
{
    u128 carry = 0;
    UNROLLED
    for (size_t i = 0; i < 2 * FP1024_LIMBS; i++) {
        carry += (u128)sum->limb[i] + term->limb[i];
        sum->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

/* sum + multiple - term */
static inline void wide_sub(struct fp_wide *sum, const struct fp_wide *term,
                            const uint64_t multiple[2 * FP1024_LIMBS])
{
    i128 carry = 0;
    UNROLLED
    for (size_t i = 0; i < 2 * FP1024_LIMBS; i++) {
        carry += (i128)sum->limb[i] + multiple[i] - term->limb[i];
        sum->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

#endif
