#include "ctidh/columns.h"
#include "ctidh/fpv1024.h"

/* DESIGN: products row by row, for processors with 32 vector registers.
 *
 * The loops over limbs within a row are unrolled, so that its columns stay in registers: 21
 * columns, the factor of the row, a limb, the quotient. The loops over rows are not: unrolled, they
 * make the compiler keep limbs in registers it does not have. For the same reason it must not see
 * that each row reads the same limbs. */
#define REREAD(pointer) __asm__("" : "+r"(pointer))

static const constant_limb prime[LIMBS] = PRIME_LIMBS;
static const constant_limb minus_prime_inverse = 0x2c24160038025; /* modulo 2^52 */
/* 2^(-52) mod p, which is 0.173p */
static const constant_limb shift_factor[LIMBS] = {
    0xb34b95621babc, 0x08ad29eccd57e, 0xb3b6a623256e6, 0xf68a2f407d177, 0x58522b73eb323,
    0x42124e09f20e0, 0xa20da95fc858b, 0xe40808357e930, 0x5518bf427a3bb, 0xd2266bff75e1c,
    0x2a66d0f920493, 0x9237d37d5b541, 0x52173dcabb1d7, 0xe9aab9f945f49, 0x1ff8a2101d079,
    0x26553074946c0, 0xefeb5f561ef01, 0x3274b094b1acb, 0xb6843b67ff561, 0x0000028d8d0e9};

/* The columns of a row, which move down by one from row to row. */
struct columns {
    vec at[LIMBS + 1];
};

/* A limb is loaded once for both halves of its product: with an operand in memory each, loads would
 * take as long as products. A few limbs at a time keep enough products apart that have a column in
 * common. */
_Static_assert(LIMBS % LIMBS_AT_ONCE == 0, "groups fill a row");

/* += factor·limbs. The lowest column is complete after the first product, and taken as the operand
 * that it is in the next row then: the processor works on the rest while this one is converted. */
static inline __attribute__((always_inline)) void row_add(const struct multiplier *multiplier,
                                                          struct columns *t, operand factor,
                                                          const operand *limb, operand *lowest)
{
    UNROLLED
    for (size_t first = 0; first < LIMBS; first += LIMBS_AT_ONCE) {
        operand loaded[LIMBS_AT_ONCE];
        UNROLLED
        for (size_t j = 0; j < LIMBS_AT_ONCE; j++) {
            loaded[j] = limb[first + j];
            IN_REGISTER(loaded[j]);
        }
        UNROLLED
        for (size_t j = 0; j < LIMBS_AT_ONCE; j++)
            vec_add_product(multiplier, &t->at[first + j], &t->at[first + j + 1], factor,
                            loaded[j]);
        if (first == 0) {
            *lowest = operand_of(t->at[0]);
            IN_REGISTER(*lowest);
        }
    }
}

/* += factor·constant */
static inline __attribute__((always_inline)) void
row_add_constant(const struct multiplier *multiplier, struct columns *t, operand factor,
                 const constant_limb *limb, operand *lowest)
{
    UNROLLED
    for (size_t first = 0; first < LIMBS; first += LIMBS_AT_ONCE) {
        operand loaded[LIMBS_AT_ONCE];
        UNROLLED
        for (size_t j = 0; j < LIMBS_AT_ONCE; j++) {
            loaded[j] = operand_constant(limb[first + j]);
            IN_REGISTER(loaded[j]);
        }
        UNROLLED
        for (size_t j = 0; j < LIMBS_AT_ONCE; j++)
            vec_add_product(multiplier, &t->at[first + j], &t->at[first + j + 1], factor,
                            loaded[j]);
        if (first == 0) {
            *lowest = operand_of(t->at[0]);
            IN_REGISTER(*lowest);
        }
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
static inline __attribute__((always_inline)) void row_fold(const struct multiplier *multiplier,
                                                           struct columns *t, vec next,
                                                           const constant_limb *factor,
                                                           operand *lowest)
{
    vec carry;
    (void)carry_first(&carry, t->at[0]);
    t->at[1] = carry_last(carry, t->at[1]);
    columns_shift(t, next);
    row_add_constant(multiplier, t, *lowest, factor, lowest);
}

/* This one, Montgomery's, adds the multiple of p that makes the lowest limb zero. */
static inline __attribute__((always_inline)) void row_reduce(const struct multiplier *multiplier,
                                                             struct columns *t, operand lowest)
{
    vec quotient = {0}, unused = {0};
    vec_add_product(multiplier, &quotient, &unused, lowest, operand_constant(minus_prime_inverse));
    row_add_constant(multiplier, t, operand_of(quotient), prime, &lowest);
    vec carry;
    (void)carry_first(&carry, t->at[0]);
    t->at[1] = carry_last(carry, t->at[1]);
    columns_shift(t, (vec){0});
}

/* A reduction has a row from each of the columns 1 to 19 on, and its last from 19 on. */
#define REDUCTION_ROWS(column)                                                                     \
    (ROWS_OVER(column, 1, LIMBS - 1) + ROWS_OVER(column, LIMBS - 1, LIMBS - 1))
#define REDUCTION_START(column) BIAS_OFF(REDUCTION_ROWS(column), REDUCTION_ROWS((column)-1))
static const uint64_t product_start[2 * LIMBS + 1] = FOR_COLUMNS(PRODUCT_START);
static const uint64_t square_start[2 * LIMBS + 1] = FOR_COLUMNS(SQUARE_START);
static const uint64_t reduction_start[2 * LIMBS + 1] = FOR_COLUMNS(REDUCTION_START);
#define BOTH_START(column) (PRODUCT_START(column) + REDUCTION_START(column))
static const uint64_t both_start[2 * LIMBS + 1] = FOR_COLUMNS(BOTH_START);

/* Bounds: after the last fold the columns are below n·p²/2^988 + 2^52·0.173p, for a sum n·p² of
 * products; Montgomery's step adds less than 2^52·p, and a 2^52nd of all is below 1.18p for n up to
 * 256. */
void fpv_mul(struct fpv *out, const struct fpv *a, const struct fpv *b)
{
    struct multiplier multiplier = multiplier_open();
    SCRATCH operand room[LIMBS];
    const operand *limb = operands_of(room, b->limb, LIMBS);
    struct columns t;
    operand lowest;
    UNROLLED
    for (size_t j = 0; j <= LIMBS; j++)
        t.at[j] = vec_of(both_start[j]);
    ROLLED
    for (size_t i = 0; i + 1 < LIMBS; i++) {
        const constant_limb *factor = shift_factor;
        REREAD(limb);
        REREAD(factor);
        row_add(&multiplier, &t, operand_of(a->limb[i]), limb, &lowest);
        row_fold(&multiplier, &t, vec_of(both_start[LIMBS + 1 + i]), factor, &lowest);
    }
    REREAD(limb);
    row_add(&multiplier, &t, operand_of(a->limb[LIMBS - 1]), limb, &lowest);
    row_reduce(&multiplier, &t, lowest);
    columns_carry(out, t.at);
    multiplier_close(&multiplier);
}

void fpv_wide_mul(struct fpv_wide *out, const struct fpv *a, const struct fpv *b)
{
    struct multiplier multiplier = multiplier_open();
    SCRATCH operand room[LIMBS];
    const operand *limb = operands_of(room, b->limb, LIMBS);
    struct columns t;
    operand lowest;
    UNROLLED
    for (size_t j = 0; j <= LIMBS; j++)
        t.at[j] = vec_of(product_start[j]);
    ROLLED
    for (size_t i = 0; i < LIMBS; i++) {
        REREAD(limb);
        row_add(&multiplier, &t, operand_of(a->limb[i]), limb, &lowest);
        out->column[i] = t.at[0];
        columns_shift(&t, vec_of(product_start[LIMBS + 1 + i]));
    }
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        out->column[LIMBS + j] = t.at[j];
    multiplier_close(&multiplier);
}

void fpv_wide_mul_add(struct fpv_wide *sum, const struct fpv *a, const struct fpv *b)
{
    struct multiplier multiplier = multiplier_open();
    SCRATCH operand room[LIMBS];
    const operand *limb = operands_of(room, b->limb, LIMBS);
    struct columns t;
    operand lowest;
    UNROLLED
    for (size_t j = 0; j <= LIMBS; j++)
        t.at[j] = vec_of(product_start[j]);
    ROLLED
    for (size_t i = 0; i < LIMBS; i++) {
        REREAD(limb);
        row_add(&multiplier, &t, operand_of(a->limb[i]), limb, &lowest);
        sum->column[i] += t.at[0];
        columns_shift(&t, vec_of(product_start[LIMBS + 1 + i]));
    }
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        sum->column[LIMBS + j] += t.at[j];
    multiplier_close(&multiplier);
}

void fpv_wide_reduce(struct fpv *out, const struct fpv_wide *sum)
{
    struct multiplier multiplier = multiplier_open();
    struct columns t;
    operand lowest;
    UNROLLED
    for (size_t j = 0; j <= LIMBS; j++)
        t.at[j] = sum->column[j] + vec_of(reduction_start[j]);
    lowest = operand_of(t.at[0]);
    ROLLED
    for (size_t i = 0; i + 1 < LIMBS; i++) {
        const constant_limb *factor = shift_factor;
        REREAD(factor);
        row_fold(&multiplier, &t,
                 sum->column[LIMBS + 1 + i] + vec_of(reduction_start[LIMBS + 1 + i]), factor,
                 &lowest);
    }
    row_reduce(&multiplier, &t, lowest);
    columns_carry(out, t.at);
    multiplier_close(&multiplier);
}

/* Products of two different limbs are formed once and doubled column by column: straight-line code,
 * all limbs in registers. */
static void wide_sqr(struct fpv_wide *out, const struct fpv *a)
{
    struct multiplier multiplier = multiplier_open();
    SCRATCH operand room[LIMBS];
    const operand *limb = operands_of(room, a->limb, LIMBS);
    vec high = {0}, unused = {0};
    UNROLLED
    for (size_t k = 0; k < 2 * LIMBS; k++) {
        vec column = high;
        high = (vec){0};
        UNROLLED
        for (size_t i = k < LIMBS ? 0 : k - LIMBS + 1; 2 * i < k; i++)
            vec_add_product(&multiplier, &column, &high, limb[i], limb[k - i]);
        column += column;
        if (k % 2 == 0)
            vec_add_product(&multiplier, &column, &unused, limb[k / 2], limb[k / 2]);
        else
            vec_add_product(&multiplier, &unused, &column, limb[k / 2], limb[k / 2]);
        out->column[k] = column + vec_of(square_start[k]);
    }
    multiplier_close(&multiplier);
}

void fpv_sqr(struct fpv *out, const struct fpv *a)
{
    SCRATCH struct fpv_wide square;
    wide_sqr(&square, a);
    fpv_wide_reduce(out, &square);
}
