/* Field arithmetic in lanes, each lane against fp1024.h: at random, at the boundaries, aliased.
 * Compiled for the vectors of each kind of processor, and for the emulated ones of each; the former
 * take the name of their engine as an argument. */
#include "lib/test.h"

#include <fenv.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "ctidh/engine.h"
#include "ctidh/fpv1024.h"

enum { ROUNDS = 400, DOT = 12, SPARE = 3 };

static struct seeded seeded;
static struct random_source source;

static int open_all(void **state)
{
    (void)state;
    seeded = seeded_open();
    source = seeded_source(&seeded);
    return secret_init();
}

/* In every lane an element of its own: now and then 0, 1, -1, and the same as its neighbour. */
static void draw(struct fp single[static LANES], struct fpv *vector)
{
    struct encoded encoded[LANES];
    for (size_t lane = 0; lane < LANES; lane++) {
        fp_random(&single[lane], &source);
        switch (random_below(&source, 24)) {
        case 0:
            single[lane] = fp_zero;
            break;
        case 1:
            single[lane] = fp_one;
            break;
        case 2:
            fp_negate(&single[lane], &fp_one);
            break;
        case 3:
            single[lane] = single[lane > 0 ? lane - 1 : 0];
            break;
        default:
            break;
        }
        fp_store(&encoded[lane], &single[lane]);
    }
    fpv_load(vector, encoded);
}

/* Any loose single elements, and a vector with bounded limbs that is tight or loose. */
static void assert_same(const struct fpv *vector, const struct fp single[static LANES],
                        uint64_t top_max)
{
    struct fpv tight;
    struct encoded expected, found[LANES];
    for (size_t j = 0; j < FPV_LIMBS; j++)
        for (size_t lane = 0; lane < LANES; lane++)
            assert_true(vector->limb[j][lane] <= (j + 1 < FPV_LIMBS ? LIMB_MASK : top_max));
    fpv_mul(&tight, vector, &fpv_one);
    fpv_store(found, &tight);
    for (size_t lane = 0; lane < LANES; lane++) {
        struct fp reduced;
        fp_mul(&reduced, &single[lane], &fp_one);
        fp_store(&expected, &reduced);
        assert_memory_equal(&found[lane], &expected, sizeof expected);
    }
}

/* The top limb of 2p and of 4p. */
static const uint64_t TIGHT_TOP = 0x1d9cabda8, LOOSE_TOP = 0x3b3957b50;

struct operands {
    struct fp a[LANES], b[LANES], c[LANES], d[LANES], out[LANES];
    struct fpv va, vb, vc, vd, vout;
};

typedef void binary(struct fp *, const struct fp *, const struct fp *);
typedef void vector_binary(struct fpv *, const struct fpv *, const struct fpv *);

/* Also with the result in the place of either operand, and both operands the same. */
static void check_binary(struct operands *o, binary *single, vector_binary *vector,
                         uint64_t top_max)
{
    for (size_t lane = 0; lane < LANES; lane++)
        single(&o->out[lane], &o->a[lane], &o->b[lane]);
    vector(&o->vout, &o->va, &o->vb);
    assert_same(&o->vout, o->out, top_max);
    o->vout = o->va;
    vector(&o->vout, &o->vout, &o->vb);
    assert_same(&o->vout, o->out, top_max);
    o->vout = o->vb;
    vector(&o->vout, &o->va, &o->vout);
    assert_same(&o->vout, o->out, top_max);
    for (size_t lane = 0; lane < LANES; lane++)
        single(&o->out[lane], &o->a[lane], &o->a[lane]);
    vector(&o->vout, &o->va, &o->va);
    assert_same(&o->vout, o->out, top_max);
}

static void operations_agree(void **state)
{
    (void)state;
    static struct operands o;
    for (size_t round = 0; round < ROUNDS; round++) {
        draw(o.a, &o.va);
        draw(o.b, &o.vb);
        check_binary(&o, fp_mul, fpv_mul, TIGHT_TOP);
        check_binary(&o, fp_add, fpv_add, LOOSE_TOP);
        check_binary(&o, fp_sub, fpv_sub, LOOSE_TOP);
        check_binary(&o, fp_add_tight, fpv_add_tight, TIGHT_TOP);
        check_binary(&o, fp_sub_tight, fpv_sub_tight, TIGHT_TOP);
        for (size_t lane = 0; lane < LANES; lane++)
            fp_sqr(&o.out[lane], &o.a[lane]);
        fpv_sqr(&o.vout, &o.va);
        assert_same(&o.vout, o.out, TIGHT_TOP);
        for (size_t lane = 0; lane < LANES; lane++)
            fp_negate(&o.out[lane], &o.a[lane]);
        fpv_negate(&o.vout, &o.va);
        assert_same(&o.vout, o.out, TIGHT_TOP);
    }
}

/* Loose factors, up to the largest: 4p - 1 and what is next to it. */
static void loose_factors_agree(void **state)
{
    (void)state;
    static struct operands o;
    for (size_t round = 0; round < ROUNDS; round++) {
        draw(o.a, &o.va);
        draw(o.b, &o.vb);
        for (size_t lane = 0; lane < LANES; lane++) {
            fp_sub(&o.c[lane], &o.a[lane], &o.b[lane]);
            fp_add(&o.d[lane], &o.a[lane], &o.b[lane]);
        }
        fpv_sub(&o.vc, &o.va, &o.vb);
        fpv_add(&o.vd, &o.va, &o.vb);
        for (size_t lane = 0; lane < LANES; lane++)
            fp_mul_pair(&o.out[lane], &o.a[lane], &o.c[lane], &o.b[lane], &o.d[lane]);
        fpv_mul_pair(&o.vout, &o.va, &o.vc, &o.vb, &o.vd);
        assert_same(&o.vout, o.out, TIGHT_TOP);
        for (size_t lane = 0; lane < LANES; lane++)
            fp_sqr(&o.out[lane], &o.c[lane]);
        fpv_sqr(&o.vout, &o.vc);
        assert_same(&o.vout, o.out, TIGHT_TOP);
        for (size_t lane = 0; lane < LANES; lane++)
            fp_mul(&o.out[lane], &o.c[lane], &o.d[lane]);
        fpv_mul(&o.vout, &o.vc, &o.vd);
        assert_same(&o.vout, o.out, TIGHT_TOP);
    }
}

static void sums_of_products_agree(void **state)
{
    (void)state;
    static struct fp a[LANES][FP1024_DOT_MAX], b[LANES][FP1024_DOT_MAX], out[LANES];
    static struct fpv va[FP1024_DOT_MAX], vb[FP1024_DOT_MAX], vout;
    struct fp column[LANES];
    for (size_t count = 1; count <= FP1024_DOT_MAX; count += count < DOT ? 1 : 13) {
        for (size_t i = 0; i < count; i++) {
            draw(column, &va[i]);
            for (size_t lane = 0; lane < LANES; lane++)
                a[lane][i] = column[lane];
            draw(column, &vb[i]);
            for (size_t lane = 0; lane < LANES; lane++)
                b[lane][i] = column[lane];
        }
        for (size_t lane = 0; lane < LANES; lane++)
            fp_dot(&out[lane], a[lane], b[lane], count);
        fpv_dot(&vout, va, vb, count);
        assert_same(&vout, out, TIGHT_TOP);
    }
}

/* The largest sums there may be: all limbs and the whole count at their maximum. */
static void largest_sums_do_not_overflow(void **state)
{
    (void)state;
    static struct fp a[FP1024_DOT_MAX], out[LANES];
    static struct fpv va[FP1024_DOT_MAX], vout;
    struct fp minus_one;
    struct encoded encoded[LANES];
    fp_negate(&minus_one, &fp_one);
    for (size_t lane = 0; lane < LANES; lane++)
        fp_store(&encoded[lane], &minus_one);
    for (size_t i = 0; i < FP1024_DOT_MAX; i++) {
        a[i] = minus_one;
        fpv_load(&va[i], encoded);
        fpv_sub_tight(&va[i], &va[i], &fpv_zero);
    }
    for (size_t lane = 0; lane < LANES; lane++)
        fp_dot(&out[lane], a, a, FP1024_DOT_MAX);
    fpv_dot(&vout, va, va, FP1024_DOT_MAX);
    assert_same(&vout, out, TIGHT_TOP);
}

static void differences_of_sums_agree(void **state)
{
    (void)state;
    static struct operands o;
    for (size_t round = 0; round < ROUNDS; round++) {
        struct fp_wide sum, term;
        struct fpv_wide vsum, vterm;
        draw(o.a, &o.va);
        draw(o.b, &o.vb);
        draw(o.c, &o.vc);
        fpv_wide_mul(&vsum, &o.va, &o.vb);
        fpv_wide_mul(&vterm, &o.vb, &o.vc);
        fpv_wide_mul_add(&vterm, &o.vc, &o.vc);
        fpv_wide_add(&vterm, &vsum);
        fpv_wide_sub(&vsum, &vterm);
        fpv_wide_sub(&vsum, &vterm);
        fpv_wide_reduce(&o.vout, &vsum);
        for (size_t lane = 0; lane < LANES; lane++) {
            fp_wide_mul(&sum, &o.a[lane], &o.b[lane]);
            fp_wide_mul(&term, &o.b[lane], &o.c[lane]);
            fp_wide_mul_add(&term, &o.c[lane], &o.c[lane]);
            fp_wide_add(&term, &sum);
            fp_wide_sub(&sum, &term);
            fp_wide_sub(&sum, &term);
            fp_wide_reduce(&o.out[lane], &sum);
        }
        assert_same(&o.vout, o.out, TIGHT_TOP);
    }
}

static void masks_are_of_lanes(void **state)
{
    (void)state;
    static struct operands o;
    for (size_t round = 0; round < ROUNDS; round++) {
        uint64_t mask = random_below(&source, 1U << LANES), zero = 0;
        draw(o.a, &o.va);
        draw(o.b, &o.vb);
        fpv_sub_tight(&o.vc, &o.va, &o.va); /* another zero */
        assert_int_equal(fpv_zero_mask(&o.vc) & ((1U << LANES) - 1), (1U << LANES) - 1);
        for (size_t lane = 0; lane < LANES; lane++) {
            uint64_t bit = UINT64_C(1) << lane;
            zero |= fp_zero_mask(&o.a[lane]) & bit;
            o.out[lane] = mask & bit ? o.a[lane] : o.b[lane];
            o.c[lane] = mask & bit ? o.b[lane] : o.a[lane];
        }
        assert_int_equal(fpv_zero_mask(&o.va), zero);
        fpv_select(&o.vout, &o.va, &o.vb, mask);
        assert_same(&o.vout, o.out, TIGHT_TOP);
        fpv_swap(&o.va, &o.vb, mask);
        assert_same(&o.vb, o.out, TIGHT_TOP);
        assert_same(&o.va, o.c, TIGHT_TOP);
    }
}

static void inverses_and_squares_agree(void **state)
{
    (void)state;
    static struct operands o;
    for (size_t round = 0; round < SPARE; round++) {
        uint64_t squares = 0;
        draw(o.a, &o.va);
        for (size_t lane = 0; lane < LANES; lane++) {
            fp_invert(&o.out[lane], &o.a[lane]);
            if (fp_zero_mask(&o.a[lane]))
                continue;
            squares |= fp_square_mask_blinded(&o.a[lane], &source) & UINT64_C(1) << lane;
        }
        fpv_invert(&o.vout, &o.va);
        assert_same(&o.vout, o.out, TIGHT_TOP);
        if (!fpv_zero_mask(&o.va))
            assert_int_equal(fpv_square_mask_blinded(&o.va, &source), squares);
    }
}

/* Whatever the caller's mode of rounding is: it stays, no exception of floating point is noted, and
 * results are the same. */
static void rounding_is_the_callers(void **state)
{
    (void)state;
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    static struct operands o;
    for (size_t round = 0; round < ROUNDS; round++) {
        struct fpv_wide product;
        struct fpv square, sum;
        int mode = modes[round % (sizeof modes / sizeof modes[0])];
        draw(o.a, &o.va);
        draw(o.b, &o.vb);
        for (size_t lane = 0; lane < LANES; lane++) {
            fp_mul(&o.out[lane], &o.a[lane], &o.b[lane]);
            fp_sqr(&o.c[lane], &o.a[lane]);
            fp_mul_pair(&o.d[lane], &o.a[lane], &o.b[lane], &o.a[lane], &o.a[lane]);
        }
        assert_int_equal(fesetround(mode), 0);
        assert_int_equal(feclearexcept(FE_ALL_EXCEPT), 0);
        fpv_mul(&o.vout, &o.va, &o.vb);
        fpv_sqr(&square, &o.va);
        fpv_wide_mul(&product, &o.va, &o.vb);
        fpv_wide_mul_add(&product, &o.va, &o.va);
        fpv_wide_reduce(&sum, &product);
        int mode_after = fegetround(), noted = fetestexcept(FE_ALL_EXCEPT);
        assert_int_equal(fesetround(FE_TONEAREST), 0);
        assert_int_equal(mode_after, mode);
        assert_int_equal(noted, 0);
        assert_same(&o.vout, o.out, TIGHT_TOP);
        assert_same(&square, o.c, TIGHT_TOP);
        assert_same(&sum, o.d, TIGHT_TOP);
    }
}

static void random_elements_differ_between_lanes(void **state)
{
    (void)state;
    struct fpv a;
    struct encoded encoded[LANES];
    fpv_random(&a, &source);
    fpv_store(encoded, &a);
    for (size_t lane = 1; lane < LANES; lane++)
        assert_memory_not_equal(&encoded[lane], &encoded[0], sizeof encoded[0]);
}

#ifdef CTIDH_LANES_EMULATED
static bool can_run(int argc, char **argv)
{
    (void)argv;
    return argc == 1;
}
#else
static bool can_run(int argc, char **argv)
{
    const struct engine *engine;
    return argc == 2 && engine_find(argv[1], &engine) == 0;
}
#endif

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_agree),
        cmocka_unit_test(loose_factors_agree),
        cmocka_unit_test(sums_of_products_agree),
        cmocka_unit_test(largest_sums_do_not_overflow),
        cmocka_unit_test(differences_of_sums_agree),
        cmocka_unit_test(masks_are_of_lanes),
        cmocka_unit_test(inverses_and_squares_agree),
        cmocka_unit_test(rounding_is_the_callers),
        cmocka_unit_test(random_elements_differ_between_lanes),
    };
    if (!can_run(argc, argv)) {
        fprintf(stderr, "skipped: this processor has no such lanes\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, open_all, NULL);
}
