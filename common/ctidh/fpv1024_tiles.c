#include "ctidh/columns.h"
#include "ctidh/fpv1024.h"

/* DESIGN: products tile by tile, for processors with 16 vector registers.
 *
 * A tile has the products of four limbs of one factor with all limbs of the other. Columns are in
 * memory; the five that a limb of the other factor contributes to are in registers, and move up by
 * one from limb to limb: after five limbs they are where they began, hence loops of five. */

enum { TILE = 4, COLUMNS = 2 * LIMBS, WINDOW = TILE + 1 };
_Static_assert(LIMBS % TILE == 0 && LIMBS % WINDOW == 0, "tiles and windows fill a product");

static const constant_limb prime[LIMBS] = PRIME_LIMBS;
/* 2^(-208) mod p, which is 0.420p */
static const constant_limb tile_shift_factor[LIMBS] = {
    0x13527c8c8de8d, 0x20fc8e204657f, 0x4e6c2a9913903, 0x9b56283a5ffca, 0xca917a0ac7135,
    0x643a8455685d3, 0xf583fa5217b7b, 0x98e027bf19d5e, 0x4f41fc71be9f3, 0x79cb5d2e40820,
    0x1dc7330b442df, 0x4001510599853, 0xa5cdf29eb65d8, 0xdc8d6c920a785, 0x9b635e0249a26,
    0x1c0f54c3f9577, 0x77c7f53b959ac, 0x75fc73b7fd10d, 0xe3bc848ea7f47, 0x000006369de26};
/* -1/p modulo 2^208 */
static const constant_limb tile_inverse[TILE] = {0x2c24160038025, 0xed4020071fd2c, 0x21044ea900965,
                                                 0x6b6e393ac9357};

/* Of the other factor: an element's limbs, or a constant's. */
struct other_factor {
    const operand *limb; /* or NULL, and then: */
    const constant_limb *constant;
};

static inline __attribute__((always_inline)) operand other_limb(const struct other_factor *other,
                                                                size_t index)
{
    return other->limb ? other->limb[index] : operand_constant(other->constant[index]);
}

/* column[0...] += factor·other, for one limb of the other. `window` has the columns under way. */
static inline __attribute__((always_inline)) void tile_step(const struct multiplier *multiplier,
                                                            vec *column, vec window[WINDOW],
                                                            const operand factor[TILE],
                                                            struct other_factor other, size_t index)
{
#define AT(k) (&window[(index + (k)) % WINDOW])
    *AT(TILE) = column[index + TILE];
    vec_add_four_products(multiplier, AT(0), AT(1), AT(2), AT(3), AT(4), factor,
                          other_limb(&other, index));
    column[index] = *AT(0);
#undef AT
}

static inline __attribute__((always_inline)) void
tile_part(const struct multiplier *multiplier, vec *column, vec window[WINDOW],
          const operand factor[TILE], struct other_factor other, size_t begin, size_t end)
{
    ROLLED
    for (size_t first = begin; first < end; first += WINDOW) {
        struct other_factor from = {other.limb ? other.limb + first : NULL,
                                    other.constant ? other.constant + first : NULL};
        UNROLLED
        for (size_t j = 0; j < WINDOW; j++)
            tile_step(multiplier, column + first, window, factor, from, j);
    }
}

static inline __attribute__((always_inline)) void window_open(vec window[WINDOW], const vec *column)
{
    UNROLLED
    for (size_t k = 0; k < TILE; k++)
        window[k] = column[k];
}

static inline __attribute__((always_inline)) void window_close(const vec window[WINDOW],
                                                               vec *column)
{
    UNROLLED
    for (size_t k = 0; k < TILE; k++)
        column[LIMBS + k] = window[k];
}

static inline __attribute__((always_inline)) void tile_add(const struct multiplier *multiplier,
                                                           vec *column, const operand factor[TILE],
                                                           struct other_factor other)
{
    vec window[WINDOW];
    window_open(window, column);
    tile_part(multiplier, column, window, factor, other, 0, LIMBS);
    window_close(window, column);
}

/* The lowest columns, as limbs; what exceeds them goes to the next column. */
static inline __attribute__((always_inline)) void digits_take(vec digit[TILE], vec *column)
{
    vec carry;
    digit[0] = carry_first(&carry, column[0]);
    UNROLLED
    for (size_t k = 1; k < TILE; k++)
        digit[k] = carry_next(&carry, column[k]);
    column[TILE] = carry_last(carry, column[TILE]);
}

static inline __attribute__((always_inline)) void digits_as_operands(operand out[TILE],
                                                                     const vec digit[TILE])
{
    UNROLLED
    for (size_t k = 0; k < TILE; k++)
        out[k] = operand_of(digit[k]);
}

/* Two ways to divide by 2^208 modulo p. This one, for all tiles but the last, multiplies the lowest
 * four limbs by 2^(-208). It is given them, and gives the next. */
static inline __attribute__((always_inline)) void tile_fold(const struct multiplier *multiplier,
                                                            vec *column, vec digit[TILE])
{
    const struct other_factor other = {NULL, tile_shift_factor};
    operand factor[TILE];
    vec window[WINDOW];
    digits_as_operands(factor, digit);
    window_open(window, column + TILE);
    tile_part(multiplier, column + TILE, window, factor, other, 0, WINDOW);
    digits_take(digit, column + TILE); /* early: the processor works on the rest meanwhile */
    tile_part(multiplier, column + TILE, window, factor, other, WINDOW, LIMBS);
    window_close(window, column + TILE);
}

/* This one, Montgomery's, adds the multiple of p that makes the lowest four limbs zero. */
static inline __attribute__((always_inline)) void tile_reduce(const struct multiplier *multiplier,
                                                              vec *column, const vec digit[TILE])
{
    operand factor[TILE], quotient[TILE];
    vec product[WINDOW];
    digits_as_operands(factor, digit);
    UNROLLED
    for (size_t k = 0; k < WINDOW; k++)
        product[k] = vec_of(BIAS_OFF(k + 1, k));
    UNROLLED
    for (size_t i = 0; i < TILE; i++)
        UNROLLED
    for (size_t k = 0; k + i < TILE; k++)
        vec_add_product(multiplier, &product[i + k], &product[i + k + 1], factor[i],
                        operand_constant(tile_inverse[k]));
    vec low[TILE];
    digits_take(low, product);
    digits_as_operands(quotient, low);
    UNROLLED
    for (size_t k = 0; k < TILE; k++)
        column[k] = digit[k] + vec_of(BIAS_OFF(k + 1, k));
    tile_add(multiplier, column, quotient, (struct other_factor){NULL, prime});
    digits_take(low, column);
}

/* Of a reduction, tiles of four rows are folded from the columns 4, 8, 12 and 16 on, and the last
 * is added from column 16 on, whose own first four columns tile_reduce sees to. */
#define LAST_TILE_ROWS(column) ((column) < LIMBS ? 0 : ROWS_OVER(column, LIMBS - TILE, LIMBS - 1))
#define LAST_TILE_HIGHS(column)                                                                    \
    ((column) < LIMBS ? 0 : ROWS_OVER((column)-1, LIMBS - TILE, LIMBS - 1))
#define REDUCTION_START(column)                                                                    \
    BIAS_OFF(ROWS_OVER(column, TILE, LIMBS - 1) + LAST_TILE_ROWS(column),                          \
             ROWS_OVER((column)-1, TILE, LIMBS - 1) + LAST_TILE_HIGHS(column))
static const uint64_t product_start[2 * LIMBS + 1] = FOR_COLUMNS(PRODUCT_START);
static const uint64_t square_start[2 * LIMBS + 1] = FOR_COLUMNS(SQUARE_START);
static const uint64_t reduction_start[COLUMNS + 1] = FOR_COLUMNS(REDUCTION_START);
#define BOTH_START(column) (PRODUCT_START(column) + REDUCTION_START(column))
static const uint64_t both_start[COLUMNS + 1] = FOR_COLUMNS(BOTH_START);

static inline __attribute__((always_inline)) void
tile_of_product(const struct multiplier *multiplier, vec *column, const struct fpv *a,
                const operand *limb, size_t first)
{
    operand factor[TILE];
    digits_as_operands(factor, a->limb + first);
    tile_add(multiplier, column + first, factor, (struct other_factor){limb, NULL});
}

/* Tiles of the product and of its reduction take turns: the one does not wait for the other.
 *
 * Bounds: after the last fold the columns from 16 on are below n·p²/2^832 + 2^208·0.421p, for a sum
 * n·p² of products; Montgomery's step adds less than 2^208·p, and a 2^208th of all is below 1.43p
 * for n up to 256. */
void fpv_mul(struct fpv *out, const struct fpv *a, const struct fpv *b)
{
    struct multiplier multiplier = multiplier_open();
    SCRATCH operand room[LIMBS];
    const operand *limb = operands_of(room, b->limb, LIMBS);
    SCRATCH vec column[COLUMNS], digit[TILE];
    UNROLLED
    for (size_t k = 0; k < COLUMNS; k++)
        column[k] = vec_of(both_start[k]);
    tile_of_product(&multiplier, column, a, limb, 0);
    digits_take(digit, column);
    ROLLED
    for (size_t first = TILE; first < LIMBS; first += TILE) {
        tile_of_product(&multiplier, column, a, limb, first);
        tile_fold(&multiplier, column + first - TILE, digit);
    }
    tile_reduce(&multiplier, column + LIMBS - TILE, digit);
    columns_carry(out, column + LIMBS);
    multiplier_close(&multiplier);
}

void fpv_wide_mul(struct fpv_wide *out, const struct fpv *a, const struct fpv *b)
{
    struct multiplier multiplier = multiplier_open();
    SCRATCH operand room[LIMBS];
    const operand *limb = operands_of(room, b->limb, LIMBS);
    UNROLLED
    for (size_t k = 0; k < COLUMNS; k++)
        out->column[k] = vec_of(product_start[k]);
    ROLLED
    for (size_t first = 0; first < LIMBS; first += TILE)
        tile_of_product(&multiplier, out->column, a, limb, first);
    multiplier_close(&multiplier);
}

void fpv_wide_mul_add(struct fpv_wide *sum, const struct fpv *a, const struct fpv *b)
{
    struct multiplier multiplier = multiplier_open();
    SCRATCH operand room[LIMBS];
    const operand *limb = operands_of(room, b->limb, LIMBS);
    UNROLLED
    for (size_t k = 0; k < COLUMNS; k++)
        sum->column[k] += vec_of(product_start[k]);
    ROLLED
    for (size_t first = 0; first < LIMBS; first += TILE)
        tile_of_product(&multiplier, sum->column, a, limb, first);
    multiplier_close(&multiplier);
}

void fpv_wide_reduce(struct fpv *out, const struct fpv_wide *sum)
{
    struct multiplier multiplier = multiplier_open();
    SCRATCH vec column[COLUMNS], digit[TILE];
    UNROLLED
    for (size_t k = 0; k < COLUMNS; k++)
        column[k] = sum->column[k] + vec_of(reduction_start[k]);
    digits_take(digit, column);
    ROLLED
    for (size_t first = 0; first + TILE < LIMBS; first += TILE)
        tile_fold(&multiplier, column + first, digit);
    tile_reduce(&multiplier, column + LIMBS - TILE, digit);
    columns_carry(out, column + LIMBS);
    multiplier_close(&multiplier);
}

/* The products of limbs `first` to first + 3 with each other, not of any with itself. */
static inline __attribute__((always_inline)) void
triangle_add(const struct multiplier *multiplier, vec *column, const operand *limb, size_t first)
{
    UNROLLED
    for (size_t i = first; i < first + TILE; i++)
        UNROLLED
    for (size_t k = i + 1; k < first + TILE; k++)
        vec_add_product(multiplier, &column[i + k], &column[i + k + 1], limb[i], limb[k]);
}

/* Products of two different limbs are formed once, in tiles and triangles, and doubled. */
static void wide_sqr(struct fpv_wide *out, const struct fpv *a)
{
    struct multiplier multiplier = multiplier_open();
    SCRATCH operand room[LIMBS];
    const operand *limb = operands_of(room, a->limb, LIMBS);
    vec *column = out->column;
    UNROLLED
    for (size_t k = 0; k < COLUMNS; k++)
        column[k] = (vec){0};
    UNROLLED
    for (size_t first = 0; first < LIMBS; first += TILE) {
        const struct other_factor other = {limb + first + TILE, NULL};
        vec window[WINDOW];
        triangle_add(&multiplier, column, limb, first);
        window_open(window, column + 2 * first + TILE);
        UNROLLED
        for (size_t j = 0; j + first + TILE < LIMBS; j++)
            tile_step(&multiplier, column + 2 * first + TILE, window, limb + first, other, j);
        UNROLLED
        for (size_t k = 0; k < TILE; k++)
            column[LIMBS + first + k] = window[(LIMBS - TILE - first + k) % WINDOW];
    }
    UNROLLED
    for (size_t i = 0; i < LIMBS; i++) {
        vec low = column[2 * i] + column[2 * i] + vec_of(square_start[2 * i]);
        vec high = column[2 * i + 1] + column[2 * i + 1] + vec_of(square_start[2 * i + 1]);
        vec_add_product(&multiplier, &low, &high, limb[i], limb[i]);
        column[2 * i] = low;
        column[2 * i + 1] = high;
    }
    multiplier_close(&multiplier);
}

void fpv_sqr(struct fpv *out, const struct fpv *a)
{
    SCRATCH struct fpv_wide square;
    wide_sqr(&square, a);
    fpv_wide_reduce(out, &square);
}
