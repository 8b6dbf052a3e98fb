/* Products and Montgomery reduction of 1024-bit numbers in plain C. */
#ifndef REUNION_CTIDH_PRODUCT_PORTABLE_H
#define REUNION_CTIDH_PRODUCT_PORTABLE_H

#include "ctidh/fp1024.h"
#include "ctidh/wide.h"
#include "ctidh/words.h"

/* For fp1024.c alone; product_mulx.h and product_limbs29.h have the same functions. */

/* Three words that collect the products of one column. */
struct column {
    u128 low;
    uint64_t high;
};

static inline void column_add(struct column *column, u128 term)
{
#ifdef MARK_SECRETS_MSAN /* it takes the overflow check for a branch */
    column->low += term;
    column->high += column->low < term;
#else
    column->high += (uint64_t)__builtin_add_overflow(column->low, term, &column->low);
#endif
}

static inline void column_mul_add(struct column *column, uint64_t a, uint64_t b)
{
    column_add(column, (u128)a * b);
}

/* The lowest word leaves the column. */
static inline uint64_t column_shift(struct column *column)
{
    uint64_t word = (uint64_t)column->low;
    column->low = column->low >> 64 | (u128)column->high << 64;
    column->high = 0;
    return word;
}

static inline void product(struct fp_wide *out, const struct fp *a, const struct fp *b)
{
    struct column column = {0, 0};
    UNROLLED
    for (int k = 0; k < 2 * FP1024_LIMBS - 1; k++) {
        UNROLLED
        for (int i = k < FP1024_LIMBS ? 0 : k - FP1024_LIMBS + 1;
             i <= (k < FP1024_LIMBS ? k : FP1024_LIMBS - 1); i++)
            column_mul_add(&column, a->limb[i], b->limb[k - i]);
        out->limb[k] = column_shift(&column);
    }
    out->limb[2 * FP1024_LIMBS - 1] = (uint64_t)column.low;
}

static inline void product_add(struct fp_wide *sum, const struct fp *a, const struct fp *b)
{
    struct column column = {0, 0};
    UNROLLED
    for (int k = 0; k < 2 * FP1024_LIMBS - 1; k++) {
        UNROLLED
        for (int i = k < FP1024_LIMBS ? 0 : k - FP1024_LIMBS + 1;
             i <= (k < FP1024_LIMBS ? k : FP1024_LIMBS - 1); i++)
            column_mul_add(&column, a->limb[i], b->limb[k - i]);
        column_add(&column, sum->limb[k]);
        sum->limb[k] = column_shift(&column);
    }
    sum->limb[2 * FP1024_LIMBS - 1] += (uint64_t)column.low;
}

/* a²: products of two different limbs are formed once and doubled column by column. A column holds
 * at most 8 of them, so doubling does not overflow its three words. */
static inline void product_square(struct fp_wide *out, const struct fp *a)
{
    struct column column = {0, 0};
    UNROLLED
    for (int k = 0; k < 2 * FP1024_LIMBS - 1; k++) {
        struct column cross = {0, 0};
        UNROLLED
        for (int i = k < FP1024_LIMBS ? 0 : k - FP1024_LIMBS + 1; 2 * i < k; i++)
            column_mul_add(&cross, a->limb[i], a->limb[k - i]);
        column.high += cross.high << 1 | (uint64_t)(cross.low >> 127);
        column_add(&column, cross.low << 1);
        if (k % 2 == 0)
            column_mul_add(&column, a->limb[k / 2], a->limb[k / 2]);
        out->limb[k] = column_shift(&column);
    }
    out->limb[2 * FP1024_LIMBS - 1] = (uint64_t)column.low;
}

/* Montgomery reduction: out = sum/2^1024 mod p, below sum/2^1024 + p. The multiple q·p that clears
 * the lower half is found word by word and added column by column. */
static inline void montgomery_reduce(struct fp *out, const struct fp_wide *sum)
{
    uint64_t q[FP1024_LIMBS];
    struct column column = {0, 0};
    UNROLLED
    for (int k = 0; k < FP1024_LIMBS; k++) {
        UNROLLED
        for (int i = 0; i < k; i++)
            column_mul_add(&column, q[i], fp_prime.limb[k - i]);
        column_add(&column, sum->limb[k]);
        q[k] = (uint64_t)column.low * FP1024_MINUS_PRIME_INVERSE;
        column_mul_add(&column, q[k], fp_prime.limb[0]);
        (void)column_shift(&column);
    }
    UNROLLED
    for (int k = FP1024_LIMBS; k < 2 * FP1024_LIMBS - 1; k++) {
        UNROLLED
        for (int i = k - FP1024_LIMBS + 1; i < FP1024_LIMBS; i++)
            column_mul_add(&column, q[i], fp_prime.limb[k - i]);
        column_add(&column, sum->limb[k]);
        out->limb[k - FP1024_LIMBS] = column_shift(&column);
    }
    out->limb[FP1024_LIMBS - 1] = (uint64_t)column.low + sum->limb[2 * FP1024_LIMBS - 1];
}

#endif
