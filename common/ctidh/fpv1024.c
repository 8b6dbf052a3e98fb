#include "ctidh/fpv1024.h"

/* The loops over limbs within a row are unrolled, so that its columns stay in registers: 21
 * columns, the factor of the row, a limb, the quotient. The loops over rows are not: unrolled, they
 * make the compiler keep limbs in registers it does not have. For the same reason it must not see
 * that each row reads the same limbs. */
#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#define ROLLED   _Pragma("clang loop unroll(disable)")
#else
#define UNROLLED _Pragma("GCC unroll 64")
#define ROLLED   _Pragma("GCC unroll 1")
#endif
#define REREAD(pointer) __asm__("" : "+r"(pointer))
/* Not of emulated lanes: MemorySanitizer takes any use in assembly for a branch. */
#ifdef CTIDH_LANES_EMULATED
#define IN_REGISTER(vector) ((void)(vector))
#else
#define IN_REGISTER(vector) __asm__("" : "+v"(vector))
#endif

enum { LIMBS = FPV_LIMBS };

static const uint64_t prime[LIMBS] = {
    0x34c5460e36453, 0xebbc3d344ddbe, 0x8d89fd3a1d81e, 0xf1bd514ba72cb, 0x9c2cab6a0e287,
    0x2aca4d5a31370, 0xc5431541f4064, 0xde81ede56b317, 0xa2b58b97c56d1, 0x800978dbeed90,
    0x611ad4f90441c, 0xd9c419ec83297, 0xa8ad82d2df811, 0xf9386e4d6c594, 0xd5bf06de2471c,
    0x0683cf25db31a, 0xc22bc86f21a08, 0x879007ebd7216, 0x27012a9d89dec, 0x00000ece55ed4};
static const uint64_t prime_2[LIMBS] = {
    0x698a8c1c6c8a6, 0xd7787a689bb7c, 0x1b13fa743b03d, 0xe37aa2974e597, 0x385956d41c50f,
    0x55949ab4626e1, 0x8a862a83e80c8, 0xbd03dbcad662f, 0x456b172f8ada3, 0x0012f1b7ddb21,
    0xc235a9f208839, 0xb38833d90652e, 0x515b05a5bf023, 0xf270dc9ad8b29, 0xab7e0dbc48e39,
    0x0d079e4bb6635, 0x845790de43410, 0x0f200fd7ae42d, 0x4e02553b13bd9, 0x00001d9cabda8};
static const uint64_t prime_squared_64[2 * LIMBS] = {
    0xcec54a0bcba40, 0x4cd14a0baaaa1, 0xe90f2e20bab28, 0xeef8773e5b416, 0x6acf9464213b7,
    0x1900ad8b920bb, 0xcf17045711b71, 0xe5ac31e66c4d3, 0x85be36b25d35d, 0xe2ef2846bcc8a,
    0xcad0c6a0e09cd, 0xb18db8c7ff2b3, 0xc18602eb8d853, 0xb1ff1bbc621b1, 0x6cc68b4794e1c,
    0xa08d1d5842f96, 0x9a6ab752e5096, 0x0717629d246b3, 0x6054811e932a2, 0x8268717b4984b,
    0xdebc8ff8ff204, 0x40c062b727db7, 0xa8cff2d6a8c10, 0xcc14c38cb3f80, 0xb035331c2af1c,
    0x795c1108b6533, 0x9687edde069fd, 0x9855a77ac3f11, 0xf906af7d9ccea, 0x67971e2d8455f,
    0x3ea6f1001d6ef, 0x4e6dc1be5bde7, 0xf79dea88a9055, 0xbd71f8c5f3fcb, 0x91ff86a2f4b1b,
    0xde1e77df1d987, 0x446dfac611b03, 0xcdc2d6c47b9ef, 0xd167ca61ac78b, 0x0000000036cde};

static const uint64_t minus_prime_inverse = 0x2c24160038025; /* modulo 2^52 */
/* 2^(-52) mod p, which is 0.173p */
static const uint64_t shift_factor[LIMBS] = {
    0xb34b95621babc, 0x08ad29eccd57e, 0xb3b6a623256e6, 0xf68a2f407d177, 0x58522b73eb323,
    0x42124e09f20e0, 0xa20da95fc858b, 0xe40808357e930, 0x5518bf427a3bb, 0xd2266bff75e1c,
    0x2a66d0f920493, 0x9237d37d5b541, 0x52173dcabb1d7, 0xe9aab9f945f49, 0x1ff8a2101d079,
    0x26553074946c0, 0xefeb5f561ef01, 0x3274b094b1acb, 0xb6843b67ff561, 0x0000028d8d0e9};

#ifdef CTIDH_LANES_EMULATED
#define ALL(limb)                                                                                  \
    {                                                                                              \
        limb, limb                                                                                 \
    }
#else
#define ALL(limb)                                                                                  \
    {                                                                                              \
        limb, limb, limb, limb, limb, limb, limb, limb                                             \
    }
#endif
const struct fpv fpv_zero = {{{0}}};
const struct fpv fpv_one = {
    /* 2^1040 mod p */
    {ALL(0xd5286546da810), ALL(0xdb02958c03834), ALL(0x10d21bae5deb1), ALL(0x5550a0108e350),
     ALL(0xe672d6136dc11), ALL(0x036e7cef100b2), ALL(0x8d83166f814e5), ALL(0x1c653908f1018),
     ALL(0x67d66541c6d78), ALL(0x397fcbd0f25b6), ALL(0xc1842e955f974), ALL(0x8a84d26c2fbd7),
     ALL(0x71f551ebddb73), ALL(0x7b56f48e61543), ALL(0x8791387ceda28), ALL(0x1b6ac482a1424),
     ALL(0x5b0001e491cdb), ALL(0x7a0a10e4edfda), ALL(0xa4dafd1f34655), ALL(0x000005ed27359)}};

/* The columns of a row, which move down by one from row to row. */
struct columns {
    vec at[LIMBS + 1];
};

/* A limb is loaded once for both halves of its product: with an operand in memory each, loads would
 * take as long as products. A few limbs at a time keep enough products apart that have a column in
 * common; how many was measured. */
enum { GROUP = 4 };
_Static_assert(LIMBS % GROUP == 0, "groups fill a row");

/* += factor·limbs */
static inline __attribute__((always_inline)) void row_add(struct columns *t, vec factor,
                                                          const vec *limb)
{
    UNROLLED
    for (size_t first = 0; first < LIMBS; first += GROUP) {
        vec loaded[GROUP];
        UNROLLED
        for (size_t j = 0; j < GROUP; j++) {
            loaded[j] = limb[first + j];
            IN_REGISTER(loaded[j]);
        }
        UNROLLED
        for (size_t j = 0; j < GROUP; j++)
            t->at[first + j] = vec_mul_low(t->at[first + j], factor, loaded[j]);
        UNROLLED
        for (size_t j = 0; j < GROUP; j++)
            t->at[first + j + 1] = vec_mul_high(t->at[first + j + 1], factor, loaded[j]);
    }
}

/* += factor·constant */
static inline __attribute__((always_inline)) void row_add_constant(struct columns *t, vec factor,
                                                                   const uint64_t *limb)
{
    UNROLLED
    for (size_t first = 0; first < LIMBS; first += GROUP) {
        vec loaded[GROUP];
        UNROLLED
        for (size_t j = 0; j < GROUP; j++) {
            loaded[j] = vec_of(limb[first + j]);
            IN_REGISTER(loaded[j]);
        }
        UNROLLED
        for (size_t j = 0; j < GROUP; j++)
            t->at[first + j] = vec_mul_low(t->at[first + j], factor, loaded[j]);
        UNROLLED
        for (size_t j = 0; j < GROUP; j++)
            t->at[first + j + 1] = vec_mul_high(t->at[first + j + 1], factor, loaded[j]);
    }
}

/* The columns move down by one, the lowest being 0 modulo 2^52. */
static inline __attribute__((always_inline)) void columns_shift(struct columns *t, vec next)
{
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        t->at[j] = t->at[j + 1];
    t->at[LIMBS] = next;
}

/* Two ways to divide by 2^52 modulo p. This one, for all rows but the last, multiplies the lowest
 * limb by 2^(-52) and waits for nothing; but what it leaves is up to 2^52·0.173p large. */
static inline __attribute__((always_inline)) void row_fold(struct columns *t, vec next,
                                                           const uint64_t *factor)
{
    vec lowest = t->at[0];
    t->at[1] += vec_carry(lowest);
    columns_shift(t, next);
    row_add_constant(t, lowest, factor);
}

/* This one, Montgomery's, adds the multiple of p that makes the lowest limb zero. */
static inline __attribute__((always_inline)) void row_reduce(struct columns *t, vec next,
                                                             const uint64_t *modulus)
{
    vec quotient = vec_mul_low((vec){0}, t->at[0], vec_of(minus_prime_inverse));
    row_add_constant(t, quotient, modulus);
    t->at[1] += vec_carry(t->at[0]);
    columns_shift(t, next);
}

static inline __attribute__((always_inline)) void columns_carry(struct fpv *out,
                                                                const struct columns *t)
{
    vec carry = {0};
    UNROLLED
    for (size_t j = 0; j + 1 < LIMBS; j++) {
        vec sum = t->at[j] + carry;
        out->limb[j] = sum & vec_of(LIMB_MASK);
        carry = vec_carry(sum);
    }
    out->limb[LIMBS - 1] = t->at[LIMBS - 1] + carry;
}

/* Bounds: after the last fold the columns are below n·p²/2^988 + 2^52·0.173p, for a sum n·p² of
 * products; Montgomery's step adds less than 2^52·p, and a 2^52nd of all is below 1.18p for n up to
 * 256. */
void fpv_mul(struct fpv *out, const struct fpv *a, const struct fpv *b)
{
    struct columns t = {0};
    ROLLED
    for (size_t i = 0; i + 1 < LIMBS; i++) {
        const vec *limbs = b->limb;
        const uint64_t *factor = shift_factor;
        REREAD(limbs);
        REREAD(factor);
        row_add(&t, a->limb[i], limbs);
        row_fold(&t, (vec){0}, factor);
    }
    row_add(&t, a->limb[LIMBS - 1], b->limb);
    row_reduce(&t, (vec){0}, prime);
    columns_carry(out, &t);
}

void fpv_mul_pair(struct fpv *out, const struct fpv *a, const struct fpv *b, const struct fpv *c,
                  const struct fpv *d)
{
    struct fpv_wide sum;
    fpv_wide_mul(&sum, a, b);
    fpv_wide_mul_add(&sum, c, d);
    fpv_wide_reduce(out, &sum);
}

void fpv_wide_mul(struct fpv_wide *out, const struct fpv *a, const struct fpv *b)
{
    struct columns t = {0};
    ROLLED
    for (size_t i = 0; i < LIMBS; i++) {
        const vec *limbs = b->limb;
        REREAD(limbs);
        row_add(&t, a->limb[i], limbs);
        out->column[i] = t.at[0];
        columns_shift(&t, (vec){0});
    }
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        out->column[LIMBS + j] = t.at[j];
}

void fpv_wide_mul_add(struct fpv_wide *sum, const struct fpv *a, const struct fpv *b)
{
    struct columns t = {0};
    ROLLED
    for (size_t i = 0; i < LIMBS; i++) {
        const vec *limbs = b->limb;
        REREAD(limbs);
        row_add(&t, a->limb[i], limbs);
        sum->column[i] += t.at[0];
        columns_shift(&t, (vec){0});
    }
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        sum->column[LIMBS + j] += t.at[j];
}

void fpv_wide_add(struct fpv_wide *sum, const struct fpv_wide *term)
{
    for (size_t k = 0; k < 2 * LIMBS; k++)
        sum->column[k] += term->column[k];
}

void fpv_wide_sub(struct fpv_wide *sum, const struct fpv_wide *term)
{
    for (size_t k = 0; k < 2 * LIMBS; k++)
        sum->column[k] += vec_of(prime_squared_64[k]) - term->column[k];
}

void fpv_wide_reduce(struct fpv *out, const struct fpv_wide *sum)
{
    struct columns t;
    UNROLLED
    for (size_t j = 0; j <= LIMBS; j++)
        t.at[j] = sum->column[j];
    ROLLED
    for (size_t i = 0; i + 1 < LIMBS; i++) {
        const uint64_t *factor = shift_factor;
        REREAD(factor);
        row_fold(&t, sum->column[LIMBS + 1 + i], factor);
    }
    row_reduce(&t, (vec){0}, prime);
    columns_carry(out, &t);
}

/* Products of two different limbs are formed once and doubled column by column: straight-line code,
 * all limbs in registers. */
static void wide_sqr(struct fpv_wide *out, const struct fpv *a)
{
    vec high = {0};
    UNROLLED
    for (size_t k = 0; k < 2 * LIMBS; k++) {
        vec column = high;
        high = (vec){0};
        UNROLLED
        for (size_t i = k < LIMBS ? 0 : k - LIMBS + 1; 2 * i < k; i++) {
            column = vec_mul_low(column, a->limb[i], a->limb[k - i]);
            high = vec_mul_high(high, a->limb[i], a->limb[k - i]);
        }
        column += column;
        if (k % 2 == 0 && k < 2 * LIMBS)
            column = vec_mul_low(column, a->limb[k / 2], a->limb[k / 2]);
        else if (k % 2 == 1)
            column = vec_mul_high(column, a->limb[k / 2], a->limb[k / 2]);
        out->column[k] = column;
    }
}

void fpv_sqr(struct fpv *out, const struct fpv *a)
{
    struct fpv_wide square;
    wide_sqr(&square, a);
    fpv_wide_reduce(out, &square);
}

void fpv_dot(struct fpv *out, const struct fpv *a, const struct fpv *b, size_t count)
{
    INVARIANT(count >= 1 && count <= FPV_DOT_MAX);
    struct fpv_wide sum;
    fpv_wide_mul(&sum, &a[0], &b[0]);
    for (size_t i = 1; i < count; i++)
        fpv_wide_mul_add(&sum, &a[i], &b[i]);
    fpv_wide_reduce(out, &sum);
}

void fpv_add(struct fpv *out, const struct fpv *a, const struct fpv *b)
{
    struct columns t;
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        t.at[j] = a->limb[j] + b->limb[j];
    columns_carry(out, &t);
}

void fpv_sub(struct fpv *out, const struct fpv *a, const struct fpv *b)
{
    struct columns t;
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        t.at[j] = a->limb[j] + vec_of(prime_2[j]) - b->limb[j];
    columns_carry(out, &t);
}

/* The difference of 2p where that is not negative. The sign is in the last limb. */
static void subtract_2p_if_not_below(struct fpv *a)
{
    struct columns t;
    struct fpv difference;
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        t.at[j] = a->limb[j] - vec_of(prime_2[j]);
    columns_carry(&difference, &t);
    uint64_t negative = vec_negative_mask(difference.limb[LIMBS - 1]);
    fpv_select(a, a, &difference, negative);
}

void fpv_add_tight(struct fpv *out, const struct fpv *a, const struct fpv *b)
{
    fpv_add(out, a, b);
    subtract_2p_if_not_below(out);
}

void fpv_sub_tight(struct fpv *out, const struct fpv *a, const struct fpv *b)
{
    fpv_sub(out, a, b);
    subtract_2p_if_not_below(out);
}

void fpv_negate(struct fpv *out, const struct fpv *a)
{
    fpv_sub_tight(out, &fpv_zero, a);
}

/* Below 2p there are two multiples of p. */
uint64_t fpv_zero_mask(const struct fpv *a)
{
    vec from_zero = {0};
    vec from_prime = {0};
    for (size_t j = 0; j < LIMBS; j++) {
        from_zero |= a->limb[j];
        from_prime |= a->limb[j] ^ vec_of(prime[j]);
    }
    return vec_zero_mask(from_zero) | vec_zero_mask(from_prime);
}

void fpv_select(struct fpv *out, const struct fpv *when_set, const struct fpv *when_clear,
                uint64_t mask)
{
    for (size_t j = 0; j < LIMBS; j++)
        out->limb[j] = vec_select(mask, when_set->limb[j], when_clear->limb[j]);
}

void fpv_swap(struct fpv *a, struct fpv *b, uint64_t mask)
{
    for (size_t j = 0; j < LIMBS; j++) {
        vec kept = vec_select(mask, b->limb[j], a->limb[j]);
        b->limb[j] = vec_select(mask, a->limb[j], b->limb[j]);
        a->limb[j] = kept;
    }
}
