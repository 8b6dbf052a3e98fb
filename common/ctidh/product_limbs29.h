/* Products and Montgomery reduction of 1024-bit numbers without products of 128 bits. */
#ifndef REUNION_CTIDH_PRODUCT_LIMBS29_H
#define REUNION_CTIDH_PRODUCT_LIMBS29_H

#include "ctidh/fp1024.h"
#include "ctidh/words.h"

/* For fp1024.c alone, in place of product_portable.h: the same functions, for machines whose widest
 * product has 64 bits, as WebAssembly's.
 *
 * DESIGN: numbers are 36 limbs of 29 bits while they are multiplied, 1044 bits. Products of two
 * limbs are below 2^58, so a column takes 36 of them, 2^63.2, what was there before, a limb, and
 * the carry from below, 2^35, without overflow. Limbs are multiplied in blocks of three by three:
 * nine products for six loads, collected in five columns, which with their factors fit into sixteen
 * registers. */

#ifdef FP1024_LIMBS29 /* else sums of products have other limbs */

enum { N_BITS = 29, N_LIMBS = 36, N_BLOCKS = N_LIMBS / 3 };
#define N_MASK ((UINT64_C(1) << N_BITS) - 1)

/* A limb's place among words of 64 bits. */
#define N_WORD(i)  ((i)*N_BITS / 64)
#define N_SHIFT(i) ((i)*N_BITS % 64)

struct narrow {
    uint32_t limb[N_LIMBS];
};

_Static_assert(sizeof(struct fp_wide) == 2 * sizeof(struct narrow), "a sum of products");

static const struct narrow narrow_prime = {
    {0x00e36453, 0x1f1a62a3, 0x0f4d1376, 0x103dd778, 0x09fd3a1d, 0x13965c6c, 0x06f5452e, 0x141c50fe,
     0x09c2cab6, 0x0ad189b8, 0x190ab293, 0x02a83e80, 0x1317c543, 0x00f6f2b5, 0x115b477a, 0x056b172f,
     0x1beed90a, 0x04004bc6, 0x13e41107, 0x12ec235a, 0x019ec832, 0x1c08ece2, 0x0b60b4b7, 0x0d8b2951,
     0x19386e4d, 0x0f1238e7, 0x0b56fc1b, 0x1e4bb663, 0x0080683c, 0x1e43790d, 0x1c85b08a, 0x1200fd7a,
     0x189dec87, 0x1380954e, 0x13957b50, 0x0000001d}};

/* `count` limbs of a number in `words` words. */
static inline void narrow_split(uint32_t *limb, int count, const uint64_t *word, int words)
{
    UNROLLED
    for (int i = 0; i < count; i++) {
        int at = N_WORD(i), shift = N_SHIFT(i);
        uint64_t bits = at < words ? word[at] >> shift : 0;
        if (shift > 64 - N_BITS && at + 1 < words)
            bits |= word[at + 1] << (64 - shift);
        limb[i] = (uint32_t)(bits & N_MASK);
    }
}

/* Five columns in which a block's products are collected. */
struct block {
    uint64_t column[5];
};

static inline void block_mul_add(struct block *sum, const uint32_t *a, const uint32_t *b)
{
    uint64_t a0 = a[0], a1 = a[1], a2 = a[2], b0 = b[0], b1 = b[1], b2 = b[2];
    sum->column[0] += a0 * b0;
    sum->column[1] += a0 * b1;
    sum->column[2] += a0 * b2;
    sum->column[1] += a1 * b0;
    sum->column[2] += a1 * b1;
    sum->column[3] += a1 * b2;
    sum->column[2] += a2 * b0;
    sum->column[3] += a2 * b1;
    sum->column[4] += a2 * b2;
}

/* The three lower columns leave. */
static inline void block_shift(struct block *sum)
{
    sum->column[0] = sum->column[3];
    sum->column[1] = sum->column[4];
    sum->column[2] = 0;
    sum->column[3] = 0;
    sum->column[4] = 0;
}

/* A column's limb; what is above it goes to `carry`. */
static inline uint32_t column_limb(uint64_t column, uint64_t *carry)
{
    column += *carry;
    *carry = column >> N_BITS;
    return (uint32_t)(column & N_MASK);
}

/* Three limbs of a result from the three lower columns and what was there before. */
static inline void block_store(uint32_t *limb, struct block *sum, uint64_t *carry)
{
    for (int c = 0; c < 3; c++)
        limb[c] = column_limb(sum->column[c] + limb[c], carry);
    block_shift(sum);
}

static inline void product_add(struct fp_wide *out, const struct fp *a, const struct fp *b)
{
    struct narrow x, y;
    struct block sum = {{0}};
    uint64_t carry = 0;
    narrow_split(x.limb, N_LIMBS, a->limb, FP1024_LIMBS);
    narrow_split(y.limb, N_LIMBS, b->limb, FP1024_LIMBS);
    for (int k = 0; k < 2 * N_BLOCKS - 1; k++) {
        int first = k < N_BLOCKS ? 0 : k - N_BLOCKS + 1, last = k < N_BLOCKS ? k : N_BLOCKS - 1;
        for (int i = first; i <= last; i++)
            block_mul_add(&sum, x.limb + 3 * i, y.limb + 3 * (k - i));
        block_store(out->limb + 3 * k, &sum, &carry);
    }
    block_store(out->limb + 3 * (2 * N_BLOCKS - 1), &sum, &carry);
}

static inline void product(struct fp_wide *out, const struct fp *a, const struct fp *b)
{
    *out = (struct fp_wide){{0}};
    product_add(out, a, b);
}

/* The block on the diagonal of a square. */
static inline void block_square_add(struct block *sum, const uint32_t *a)
{
    uint64_t a0 = a[0], a1 = a[1], a2 = a[2];
    sum->column[0] += a0 * a0;
    sum->column[1] += 2 * a0 * a1;
    sum->column[2] += 2 * a0 * a2 + a1 * a1;
    sum->column[3] += 2 * a1 * a2;
    sum->column[4] += a2 * a2;
}

/* Blocks beside the diagonal are formed once and doubled. */
static inline void product_square(struct fp_wide *out, const struct fp *a)
{
    struct narrow x;
    struct block sum = {{0}};
    uint64_t carry = 0;
    narrow_split(x.limb, N_LIMBS, a->limb, FP1024_LIMBS);
    *out = (struct fp_wide){{0}};
    for (int k = 0; k < 2 * N_BLOCKS - 1; k++) {
        struct block cross = {{0}};
        for (int i = k < N_BLOCKS ? 0 : k - N_BLOCKS + 1; 2 * i < k; i++)
            block_mul_add(&cross, x.limb + 3 * i, x.limb + 3 * (k - i));
        for (int c = 0; c < 5; c++)
            sum.column[c] += 2 * cross.column[c];
        if (k % 2 == 0)
            block_square_add(&sum, x.limb + 3 * (k / 2));
        block_store(out->limb + 3 * k, &sum, &carry);
    }
    block_store(out->limb + 3 * (2 * N_BLOCKS - 1), &sum, &carry);
}

static inline void wide_add(struct fp_wide *sum, const struct fp_wide *term)
{
    uint64_t carry = 0;
    for (int i = 0; i < 2 * N_LIMBS; i++)
        sum->limb[i] = column_limb((uint64_t)sum->limb[i] + term->limb[i], &carry);
}

/* sum + multiple - term, which is not negative; the carry is signed. */
static inline void wide_sub(struct fp_wide *sum, const struct fp_wide *term,
                            const uint64_t multiple[2 * FP1024_LIMBS])
{
    struct fp_wide added;
    int64_t carry = 0;
    narrow_split(added.limb, 2 * N_LIMBS, multiple, 2 * FP1024_LIMBS);
    for (int i = 0; i < 2 * N_LIMBS; i++) {
        carry += (int64_t)sum->limb[i] + added.limb[i] - term->limb[i];
        sum->limb[i] = (uint32_t)((uint64_t)carry & N_MASK);
        carry >>= N_BITS;
    }
}

/* q[i] clears column i: as narrow as a limb, but for the last one, which goes up to bit 1024. */
enum { N_LAST_BITS = 1024 - (N_LIMBS - 1) * N_BITS };

static inline uint32_t clearing(uint64_t column, int bits)
{
    return (uint32_t)(column * FP1024_MINUS_PRIME_INVERSE & ((UINT64_C(1) << bits) - 1));
}

/* The block on the diagonal: three limbs of q one after the other. */
static inline void block_clear(struct block *sum, uint32_t *q, int last_bits)
{
    const uint32_t *p = narrow_prime.limb;
    q[0] = clearing(sum->column[0], N_BITS);
    sum->column[0] += (uint64_t)q[0] * p[0];
    sum->column[1] += (uint64_t)q[0] * p[1] + (sum->column[0] >> N_BITS);
    sum->column[2] += (uint64_t)q[0] * p[2];
    q[1] = clearing(sum->column[1], N_BITS);
    sum->column[1] += (uint64_t)q[1] * p[0];
    sum->column[2] += (uint64_t)q[1] * p[1] + (sum->column[1] >> N_BITS);
    sum->column[3] += (uint64_t)q[1] * p[2];
    q[2] = clearing(sum->column[2], last_bits);
    sum->column[2] += (uint64_t)q[2] * p[0];
    sum->column[3] += (uint64_t)q[2] * p[1];
    sum->column[4] += (uint64_t)q[2] * p[2];
}

/* out = sum/2^1024 modulo p, below sum/2^1024 + p. */
static inline void montgomery_reduce(struct fp *out, const struct fp_wide *t)
{
    uint32_t q[N_LIMBS];
    uint64_t word = 0;
    int bits = 0, at = 0;
    struct block sum = {{0}};
    UNROLLED
    for (int k = 0; k < N_BLOCKS; k++) {
        for (int c = 0; c < 3; c++)
            sum.column[c] += t->limb[3 * k + c];
        UNROLLED
        for (int i = 0; i < k; i++)
            block_mul_add(&sum, q + 3 * i, narrow_prime.limb + 3 * (k - i));
        block_clear(&sum, q + 3 * k, k + 1 < N_BLOCKS ? N_BITS : N_LAST_BITS);
        if (k + 1 < N_BLOCKS) {
            sum.column[3] += sum.column[2] >> N_BITS;
            block_shift(&sum);
        }
    }
    /* The column of bit 1024, without what is below that. */
    uint64_t carry = 0;
    word = column_limb(sum.column[2], &carry) >> N_LAST_BITS;
    bits = N_BITS - N_LAST_BITS;
    block_shift(&sum);
    UNROLLED
    for (int k = N_BLOCKS; k < 2 * N_BLOCKS; k++) {
        for (int c = 0; c < 3; c++)
            sum.column[c] += t->limb[3 * k + c];
        UNROLLED
        for (int i = k - N_BLOCKS + 1; i < N_BLOCKS; i++)
            block_mul_add(&sum, q + 3 * i, narrow_prime.limb + 3 * (k - i));
        for (int c = 0; c < 3 && at < FP1024_LIMBS; c++) {
            uint64_t limb = column_limb(sum.column[c], &carry);
            word |= limb << bits;
            bits += N_BITS;
            if (bits >= 64) {
                out->limb[at++] = word;
                bits -= 64;
                word = limb >> (N_BITS - bits);
            }
        }
        block_shift(&sum);
    }
}

#endif

#endif
