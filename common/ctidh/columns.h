/* What columns of limbs begin with and are carried to: for the sources of fpv1024.h. */
#ifndef REUNION_CTIDH_COLUMNS_H
#define REUNION_CTIDH_COLUMNS_H

#include "ctidh/fpv1024.h"
#include "ctidh/scratch.h"

enum { LIMBS = FPV_LIMBS };

/* The number p itself, not a representative. */
#define PRIME_LIMBS                                                                                \
    {                                                                                              \
        0x34c5460e36453, 0xebbc3d344ddbe, 0x8d89fd3a1d81e, 0xf1bd514ba72cb, 0x9c2cab6a0e287,       \
            0x2aca4d5a31370, 0xc5431541f4064, 0xde81ede56b317, 0xa2b58b97c56d1, 0x800978dbeed90,   \
            0x611ad4f90441c, 0xd9c419ec83297, 0xa8ad82d2df811, 0xf9386e4d6c594, 0xd5bf06de2471c,   \
            0x0683cf25db31a, 0xc22bc86f21a08, 0x879007ebd7216, 0x27012a9d89dec, 0x00000ece55ed4    \
    }

/* The first of columns that are carried one after the other, and any that follows: `carry` holds
 * what comes from below, and then what goes on. Returns: the column's limb. */
static inline __attribute__((always_inline)) vec carry_first(vec *carry, vec column)
{
    vec sum = column + vec_of(CARRY_OFFSET);
    *carry = vec_carry(sum);
    return sum & vec_of(LIMB_MASK);
}

static inline __attribute__((always_inline)) vec carry_next(vec *carry, vec column)
{
    vec sum = column + vec_of((uint64_t)CARRY_OFFSET - CARRY_EXCESS) + *carry;
    *carry = vec_carry(sum);
    return sum & vec_of(LIMB_MASK);
}

/* What takes the carry and does not hand it on. */
static inline __attribute__((always_inline)) vec carry_last(vec carry, vec column)
{
    return column + carry - vec_of(CARRY_EXCESS);
}

/* Columns are carried to limbs. */
static inline __attribute__((always_inline)) void columns_carry(struct fpv *out,
                                                                const vec column[LIMBS])
{
    vec carry;
    out->limb[0] = carry_first(&carry, column[0]);
    UNROLLED
    for (size_t j = 1; j + 1 < LIMBS; j++)
        out->limb[j] = carry_next(&carry, column[j]);
    out->limb[LIMBS - 1] = carry_last(carry, column[LIMBS - 1]);
}

/* What takes off the biases of so many halves of products. */
#define BIAS_OFF(lows, highs) (0 - ((uint64_t)(lows)*LOW_BIAS + (uint64_t)(highs)*HIGH_BIAS))

/* A row has the products of one limb with all limbs, the lowest at a column of its own. How many of
 * the rows from the columns `first` to `last` on have a product in a column. */
#define ROWS_OVER(column, first, last)                                                             \
    (MIN(column, last) < MAX((column) - (LIMBS - 1), first)                                        \
         ? 0                                                                                       \
         : MIN(column, last) - MAX((column) - (LIMBS - 1), first) + 1)
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* A table of something for each column of a product, and the one after them. */
#define FOR_COLUMNS(of)                                                                            \
    {                                                                                              \
        of(0), of(1), of(2), of(3), of(4), of(5), of(6), of(7), of(8), of(9), of(10), of(11),      \
            of(12), of(13), of(14), of(15), of(16), of(17), of(18), of(19), of(20), of(21),        \
            of(22), of(23), of(24), of(25), of(26), of(27), of(28), of(29), of(30), of(31),        \
            of(32), of(33), of(34), of(35), of(36), of(37), of(38), of(39), of(40)                 \
    }
_Static_assert(2 * LIMBS == 40, "FOR_COLUMNS lists them all");

/* What a column of a product begins with: it takes off the biases of all halves to come. */
#define PRODUCT_START(column)                                                                      \
    BIAS_OFF(ROWS_OVER(column, 0, LIMBS - 1), ROWS_OVER((column)-1, 0, LIMBS - 1))

/* The same of a square, whose products of two different limbs are doubled. */
#define PAIRS(column)                                                                              \
    (((column) + 1) / 2 - ((column) < LIMBS ? 0 : MIN((column)-LIMBS + 1, ((column) + 1) / 2)))
#define SQUARE_START(column)                                                                       \
    BIAS_OFF(2 * PAIRS(column) + ((column) % 2 == 0), 2 * PAIRS((column)-1) + ((column) % 2 == 1))

#endif
