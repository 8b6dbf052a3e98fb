/* Products and Montgomery reduction of 1024-bit numbers with the instructions BMI2 and ADX. */
#ifndef REUNION_CTIDH_PRODUCT_MULX_H
#define REUNION_CTIDH_PRODUCT_MULX_H

#include "ctidh/fp1024.h"
#include "ctidh/wide.h"

/* For fp1024.c alone, in the place of product_portable.h. Products and reductions are in
 * product_mulx.S, which says how they are made; here are squarings, by rows.
 *
 * A row adds a multiple of one number to a place in another. MULX leaves the flags alone, ADCX and
 * ADOX carry in one flag each, so that the sums of low and of high words are two chains that run
 * side by side. The compiler has no notation for two flags, hence assembly; everything around the
 * rows is C. Straight-line code, on addresses that do not depend on values. */

/* sum = a·b, sum += a·b, and out = sum/2^1024 mod p, below sum/2^1024 + p, which destroys `sum`; of
 * words, lowest first. `sum` may not overlap the factors, nor `out` the sum. */
void fps_product(uint64_t sum[2 * FP1024_LIMBS], const uint64_t a[FP1024_LIMBS],
                 const uint64_t b[FP1024_LIMBS]);
void fps_product_add(uint64_t sum[2 * FP1024_LIMBS], const uint64_t a[FP1024_LIMBS],
                     const uint64_t b[FP1024_LIMBS]);
void fps_montgomery_reduce(uint64_t out[FP1024_LIMBS], uint64_t sum[2 * FP1024_LIMBS],
                           const uint64_t prime[FP1024_LIMBS]);

void fps_words_add(uint64_t out[FP1024_LIMBS], const uint64_t a[FP1024_LIMBS],
                   const uint64_t b[FP1024_LIMBS]);
void fps_words_add_sub(uint64_t out[FP1024_LIMBS], const uint64_t a[FP1024_LIMBS],
                       const uint64_t b[FP1024_LIMBS], const uint64_t c[FP1024_LIMBS]);
uint64_t fps_words_sub(uint64_t out[FP1024_LIMBS], const uint64_t a[FP1024_LIMBS],
                       const uint64_t b[FP1024_LIMBS]);

/* a + b, a + b - c, and a - b with the borrow: these may be one another, whole. */
static inline void words_add(struct fp *out, const struct fp *a, const struct fp *b)
{
    fps_words_add(out->limb, a->limb, b->limb);
}

static inline void words_add_sub(struct fp *out, const struct fp *a, const uint64_t *b,
                                 const struct fp *c)
{
    fps_words_add_sub(out->limb, a->limb, b, c->limb);
}

static inline uint64_t words_sub(struct fp *out, const struct fp *a, const uint64_t *b)
{
    return fps_words_sub(out->limb, a->limb, b);
}

/* Word k of a row. `in` holds the high word of the product before, `out` that of this one. */
#define STEP(k, in, out)                                                                           \
    "mulx 8*" #k "(%[b]), %[low], %[" out "]\n\t"                                                  \
    "adcx 8*" #k "(%[t]), %[low]\n\t"                                                              \
    "adox %[" in "], %[low]\n\t"                                                                   \
    "mov %[low], 8*" #k "(%[t])\n\t"
#define STEPS_1  STEP(0, "odd", "even")
#define STEPS_2  STEPS_1 STEP(1, "even", "odd")
#define STEPS_3  STEPS_2 STEP(2, "odd", "even")
#define STEPS_4  STEPS_3 STEP(3, "even", "odd")
#define STEPS_5  STEPS_4 STEP(4, "odd", "even")
#define STEPS_6  STEPS_5 STEP(5, "even", "odd")
#define STEPS_7  STEPS_6 STEP(6, "odd", "even")
#define STEPS_8  STEPS_7 STEP(7, "even", "odd")
#define STEPS_9  STEPS_8 STEP(8, "odd", "even")
#define STEPS_10 STEPS_9 STEP(9, "even", "odd")
#define STEPS_11 STEPS_10 STEP(10, "odd", "even")
#define STEPS_12 STEPS_11 STEP(11, "even", "odd")
#define STEPS_13 STEPS_12 STEP(12, "odd", "even")
#define STEPS_14 STEPS_13 STEP(13, "even", "odd")
#define STEPS_15 STEPS_14 STEP(14, "odd", "even")

/* t[0..count-1] += factor·b[0..count-1]; the word that is carried out of it. It cannot overflow:
 * the greatest sum is (2^64 - 1)(2^(64·count) - 1) + 2^(64·count) - 1 = 2^64·(2^(64·count) - 1). */
#define ROW(count, last)                                                                           \
    static inline uint64_t row_##count(uint64_t *t, uint64_t factor, const uint64_t *b)            \
    {                                                                                              \
        uint64_t low, even, odd;                                                                   \
        __asm__ volatile("xor %k[odd], %k[odd]\n\t" /* and both carries */                         \
                         STEPS_##count "mov $0, %k[low]\n\t"                                       \
                                       "adcx %[low], %[" last "]\n\t"                              \
                                       "adox %[low], %[" last "]\n\t"                              \
                         : [low] "=&r"(low), [even] "=&r"(even), [odd] "=&r"(odd)                  \
                         : [t] "r"(t), [b] "r"(b), "d"(factor)                                     \
                         : "cc", "memory");                                                        \
        return (count) % 2 ? even : odd;                                                           \
    }
ROW(1, "even")
ROW(2, "odd")
ROW(3, "even")
ROW(4, "odd")
ROW(5, "even")
ROW(6, "odd")
ROW(7, "even")
ROW(8, "odd")
ROW(9, "even")
ROW(10, "odd")
ROW(11, "even")
ROW(12, "odd")
ROW(13, "even")
ROW(14, "odd")
ROW(15, "even")

static inline void product(struct fp_wide *out, const struct fp *a, const struct fp *b)
{
    fps_product(out->limb, a->limb, b->limb);
}

static inline void product_add(struct fp_wide *sum, const struct fp *a, const struct fp *b)
{
    fps_product_add(sum->limb, a->limb, b->limb);
}

/* The products of different limbs, each once: a triangle of rows. */
static inline void cross_products(struct fp_wide *out, const struct fp *a)
{
    uint64_t *t = out->limb;
    for (size_t i = 0; i < 2 * FP1024_LIMBS; i++)
        t[i] = 0;
#define TRIANGLE_ROW(i, count)                                                                     \
    t[FP1024_LIMBS + (i)] = row_##count(t + 2 * (i) + 1, a->limb[i], a->limb + (i) + 1)
    TRIANGLE_ROW(0, 15);
    TRIANGLE_ROW(1, 14);
    TRIANGLE_ROW(2, 13);
    TRIANGLE_ROW(3, 12);
    TRIANGLE_ROW(4, 11);
    TRIANGLE_ROW(5, 10);
    TRIANGLE_ROW(6, 9);
    TRIANGLE_ROW(7, 8);
    TRIANGLE_ROW(8, 7);
    TRIANGLE_ROW(9, 6);
    TRIANGLE_ROW(10, 5);
    TRIANGLE_ROW(11, 4);
    TRIANGLE_ROW(12, 3);
    TRIANGLE_ROW(13, 2);
    TRIANGLE_ROW(14, 1);
#undef TRIANGLE_ROW
}

/* t <- 2t + the squares of the limbs */
#define SQUARE(i)                                                                                  \
    "mov 8*" #i "(%[a]), %%rdx\n\t"                                                                \
    "mulx %%rdx, %[low], %[high]\n\t"                                                              \
    "mov 16*" #i "(%[t]), %%rdx\n\t"                                                               \
    "adcx %%rdx, %%rdx\n\t"                                                                        \
    "adox %[low], %%rdx\n\t"                                                                       \
    "mov %%rdx, 16*" #i "(%[t])\n\t"                                                               \
    "mov 16*" #i "+8(%[t]), %%rdx\n\t"                                                             \
    "adcx %%rdx, %%rdx\n\t"                                                                        \
    "adox %[high], %%rdx\n\t"                                                                      \
    "mov %%rdx, 16*" #i "+8(%[t])\n\t"
static inline void double_and_add_squares(struct fp_wide *t, const struct fp *a)
{
    uint64_t low, high;
    __asm__("xor %k[low], %k[low]\n\t" /* for both carries */
            SQUARE(0) SQUARE(1) SQUARE(2) SQUARE(3) SQUARE(4) SQUARE(5) SQUARE(6) SQUARE(7)
                SQUARE(8) SQUARE(9) SQUARE(10) SQUARE(11) SQUARE(12) SQUARE(13) SQUARE(14)
                    SQUARE(15)
            : [low] "=&r"(low), [high] "=&r"(high), "+m"(*t)
            : [t] "r"(t->limb), [a] "r"(a->limb), "m"(*a)
            : "cc", "rdx");
}

static inline void product_square(struct fp_wide *out, const struct fp *a)
{
    cross_products(out, a);
    double_and_add_squares(out, a);
}

static inline void montgomery_reduce(struct fp *out, struct fp_wide *sum)
{
    fps_montgomery_reduce(out->limb, sum->limb, fp_prime.limb);
}

#endif
