/* Sums and differences of 1024-bit numbers in plain C. */
#ifndef REUNION_CTIDH_WORDS_H
#define REUNION_CTIDH_WORDS_H

#include "ctidh/fp1024.h"
#include "ctidh/word.h"

static inline void words_add(struct fp *out, const struct fp *a, const struct fp *b)
{
    u128 carry = 0;
    UNROLLED
    for (size_t i = 0; i < FP1024_LIMBS; i++) {
        carry += (u128)a->limb[i] + b->limb[i];
        out->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

/* a + b - c */
static inline void words_add_sub(struct fp *out, const struct fp *a, const uint64_t *b,
                                 const struct fp *c)
{
    i128 carry = 0;
    UNROLLED
    for (size_t i = 0; i < FP1024_LIMBS; i++) {
        carry += (i128)a->limb[i] + b[i] - c->limb[i];
        out->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

/* a - b; 1 if that is negative, else 0. */
static inline uint64_t words_sub(struct fp *out, const struct fp *a, const uint64_t *b)
{
    uint64_t borrow = 0;
    UNROLLED
    for (size_t i = 0; i < FP1024_LIMBS; i++) {
        u128 word = (u128)a->limb[i] - b[i] - borrow;
        out->limb[i] = (uint64_t)word;
        borrow = (uint64_t)(word >> 64) & 1;
    }
    return borrow;
}

#endif
