#include "ctidh/fp1024.h"

#include "ctidh/mask.h"
#include "ctidh/scratch.h"

/* product, product_add, product_square and montgomery_reduce, which take most of the time; words_…
 * and wide_… */
#if defined(CTIDH_SCALAR)
#include "ctidh/product_mulx.h"
#elif defined(FP1024_LIMBS29)
#include "ctidh/product_limbs29.h"
#else
#include "ctidh/product_portable.h"
#endif

#ifdef FP1024_CHECK_BOUNDS
#define EXPECT_BELOW(a, multiple) INVARIANT(is_below((a), (multiple)))
#else
#define EXPECT_BELOW(a, multiple) ((void)0)
#endif

enum { LIMBS = FP1024_LIMBS };

const struct fp fp_prime = {
    {0xdbe34c5460e36453, 0xa1d81eebbc3d344d, 0x514ba72cb8d89fd3, 0xc2cab6a0e287f1bd,
     0x642aca4d5a313709, 0x6b317c5431541f40, 0xb97c56d1de81ede5, 0x0978dbeed90a2b58,
     0x7611ad4f90441c80, 0xf811d9c419ec8329, 0x4d6c594a8ad82d2d, 0xf06de2471cf9386e,
     0x0683cf25db31ad5b, 0x216c22bc86f21a08, 0xd89dec879007ebd7, 0x0ece55ed427012a9}};
static const uint64_t prime_2[LIMBS] = {
    0xb7c698a8c1c6c8a6, 0x43b03dd7787a689b, 0xa2974e5971b13fa7, 0x85956d41c50fe37a,
    0xc855949ab4626e13, 0xd662f8a862a83e80, 0x72f8ada3bd03dbca, 0x12f1b7ddb21456b1,
    0xec235a9f20883900, 0xf023b38833d90652, 0x9ad8b29515b05a5b, 0xe0dbc48e39f270dc,
    0x0d079e4bb6635ab7, 0x42d845790de43410, 0xb13bd90f200fd7ae, 0x1d9cabda84e02553};
static const uint64_t prime_4[LIMBS] = {
    0x6f8d3151838d914c, 0x87607baef0f4d137, 0x452e9cb2e3627f4e, 0x0b2ada838a1fc6f5,
    0x90ab293568c4dc27, 0xacc5f150c5507d01, 0xe5f15b477a07b795, 0x25e36fbb6428ad62,
    0xd846b53e41107200, 0xe047671067b20ca5, 0x35b1652a2b60b4b7, 0xc1b7891c73e4e1b9,
    0x1a0f3c976cc6b56f, 0x85b08af21bc86820, 0x6277b21e401faf5c, 0x3b3957b509c04aa7};
static const uint64_t prime_8[LIMBS] = {
    0xdf1a62a3071b2298, 0x0ec0f75de1e9a26e, 0x8a5d3965c6c4fe9d, 0x1655b507143f8dea,
    0x2156526ad189b84e, 0x598be2a18aa0fa03, 0xcbe2b68ef40f6f2b, 0x4bc6df76c8515ac5,
    0xb08d6a7c8220e400, 0xc08ece20cf64194b, 0x6b62ca5456c1696f, 0x836f1238e7c9c372,
    0x341e792ed98d6adf, 0x0b6115e43790d040, 0xc4ef643c803f5eb9, 0x7672af6a1380954e};
static const uint64_t prime_squared_64[2 * LIMBS] = {
    0xaa1cec54a0bcba40, 0x0bab284cd14a0baa, 0x773e5b416e90f2e2, 0xacf9464213b7eef8,
    0x711900ad8b920bb6, 0x6c4d3cf17045711b, 0x6b25d35de5ac31e6, 0xef2846bcc8a85be3,
    0x3cad0c6a0e09cde2, 0xd853b18db8c7ff2b, 0xbc621b1c18602eb8, 0x68b4794e1cb1ff1b,
    0xa08d1d5842f966cc, 0x6b39a6ab752e5096, 0xe932a20717629d24, 0x717b4984b6054811,
    0xebc8ff8ff2048268, 0x1040c062b727db7d, 0xb3f80a8cff2d6a8c, 0x31c2af1ccc14c38c,
    0x5c1108b6533b0353, 0x19687edde069fd79, 0xccea9855a77ac3f1, 0x2d8455ff906af7d9,
    0x6f1001d6ef67971e, 0x4e6dc1be5bde73ea, 0xfcbf79dea88a9055, 0x2f4b1bbd71f8c5f3,
    0x77df1d98791ff86a, 0x46dfac611b03de1e, 0x8bcdc2d6c47b9ef4, 0x36cded167ca61ac7};

const struct fp fp_zero = {{0}};
const struct fp fp_one = {
    {/* 2^1024 mod p */
     0x65e7ee6590e6567d, 0x40a5f2587fef86d4, 0x99f9e607b99d62f2, 0x1089df50f4f8f26d,
     0x592890dd02bb585a, 0xe1b6be68b969ecb9, 0xaebe3c10395f33c3, 0x5ef9652396531f1b,
     0x28d37db76b7a1b7f, 0x86d089fa474b4a3f, 0xdbce120cc7a4fff2, 0x08b3f947137340ac,
     0x913f3e7c71b37ce5, 0xc7d1b17b09ec4577, 0x9d834aff6f7956b6, 0x044c4b3e968ec2b8}};

#ifdef FP1024_CHECK_BOUNDS
static bool is_below(const struct fp *a, const uint64_t multiple[LIMBS])
{
    for (size_t i = LIMBS; i-- > 0;)
        if (a->limb[i] != multiple[i])
            return a->limb[i] < multiple[i];
    return false;
}
#endif

void fp_wide_mul(struct fp_wide *out, const struct fp *a, const struct fp *b)
{
    product(out, a, b);
}

void fp_wide_mul_add(struct fp_wide *sum, const struct fp *a, const struct fp *b)
{
    product_add(sum, a, b);
}

void fp_mul(struct fp *out, const struct fp *a, const struct fp *b)
{
    EXPECT_BELOW(a, prime_4);
    EXPECT_BELOW(b, prime_4);
    SCRATCH struct fp_wide t;
    product(&t, a, b);
    montgomery_reduce(out, &t);
}

void fp_sqr(struct fp *out, const struct fp *a)
{
    EXPECT_BELOW(a, prime_4);
    SCRATCH struct fp_wide t;
    product_square(&t, a);
    montgomery_reduce(out, &t);
}

void fp_add(struct fp *out, const struct fp *a, const struct fp *b)
{
    EXPECT_BELOW(a, prime_2);
    EXPECT_BELOW(b, prime_2);
    words_add(out, a, b);
}

void fp_sub(struct fp *out, const struct fp *a, const struct fp *b)
{
    EXPECT_BELOW(a, prime_2);
    EXPECT_BELOW(b, prime_2);
    words_add_sub(out, a, prime_2, b);
}

/* a - multiple if that is not negative, else a. */
static void subtract_if_not_below(struct fp *a, const uint64_t multiple[LIMBS])
{
    SCRATCH struct fp difference;
    uint64_t borrow = words_sub(&difference, a, multiple);
    fp_select(a, a, &difference, mask_bit(borrow));
}

void fp_tighten(struct fp *out, const struct fp *a)
{
    EXPECT_BELOW(a, prime_4);
    *out = *a;
    subtract_if_not_below(out, prime_2);
}

void fp_add_tight(struct fp *out, const struct fp *a, const struct fp *b)
{
    fp_add(out, a, b);
    subtract_if_not_below(out, prime_2);
}

void fp_sub_tight(struct fp *out, const struct fp *a, const struct fp *b)
{
    fp_sub(out, a, b);
    subtract_if_not_below(out, prime_2);
}

void fp_negate(struct fp *out, const struct fp *a)
{
    fp_sub_tight(out, &fp_zero, a);
}

void fp_wide_add(struct fp_wide *sum, const struct fp_wide *term)
{
    wide_add(sum, term);
}

void fp_wide_sub(struct fp_wide *sum, const struct fp_wide *term)
{
    wide_sub(sum, term, prime_squared_64);
}

/* 256p²/2^1024 + p < 15.9p, which three conditional subtractions bring below 2p. */
void fp_wide_reduce(struct fp *out, const struct fp_wide *sum)
{
    struct fp_wide t = *sum;
    montgomery_reduce(out, &t);
    subtract_if_not_below(out, prime_8);
    subtract_if_not_below(out, prime_4);
    subtract_if_not_below(out, prime_2);
    EXPECT_BELOW(out, prime_2);
}

/* Two products of 8p² give 16p²/2^1024 + p < 1.93p: tight without a subtraction. */
void fp_mul_pair(struct fp *out, const struct fp *a, const struct fp *b, const struct fp *c,
                 const struct fp *d)
{
    EXPECT_BELOW(a, prime_2);
    EXPECT_BELOW(b, prime_4);
    EXPECT_BELOW(c, prime_2);
    EXPECT_BELOW(d, prime_4);
    SCRATCH struct fp_wide sum;
    product(&sum, a, b);
    product_add(&sum, c, d);
    montgomery_reduce(out, &sum);
}

void fp_dot(struct fp *out, const struct fp *a, const struct fp *b, size_t count)
{
    INVARIANT(count >= 1 && count <= FP1024_DOT_MAX);
    SCRATCH struct fp_wide sum;
    product(&sum, &a[0], &b[0]);
    for (size_t i = 1; i < count; i++)
        product_add(&sum, &a[i], &b[i]);
    fp_wide_reduce(out, &sum);
}

uint64_t fp_zero_mask(const struct fp *a)
{
    EXPECT_BELOW(a, prime_2);
    uint64_t from_zero = 0;
    uint64_t from_prime = 0;
    for (size_t i = 0; i < LIMBS; i++) {
        from_zero |= a->limb[i];
        from_prime |= a->limb[i] ^ fp_prime.limb[i];
    }
    return ~(mask_nonzero(from_zero) & mask_nonzero(from_prime));
}

void fp_select(struct fp *out, const struct fp *when_set, const struct fp *when_clear,
               uint64_t mask)
{
    for (size_t i = 0; i < LIMBS; i++)
        out->limb[i] = mask_select(mask, when_set->limb[i], when_clear->limb[i]);
}

void fp_swap(struct fp *a, struct fp *b, uint64_t mask)
{
    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t difference = (a->limb[i] ^ b->limb[i]) & mask;
        a->limb[i] ^= difference;
        b->limb[i] ^= difference;
    }
}

void fp_canonical(struct fp *out, const struct fp *a)
{
    EXPECT_BELOW(a, prime_2);
    *out = *a;
    subtract_if_not_below(out, fp_prime.limb);
}
