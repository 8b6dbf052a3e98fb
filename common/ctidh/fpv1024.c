#include "ctidh/fpv1024.h"
#include "ctidh/columns.h"

static const uint64_t prime[LIMBS] = PRIME_LIMBS;
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

const struct fpv fpv_zero = {{{0}}};
const struct fpv fpv_one = {
    /* 2^1040 mod p */
    {VEC_ALL(0xd5286546da810), VEC_ALL(0xdb02958c03834), VEC_ALL(0x10d21bae5deb1),
     VEC_ALL(0x5550a0108e350), VEC_ALL(0xe672d6136dc11), VEC_ALL(0x036e7cef100b2),
     VEC_ALL(0x8d83166f814e5), VEC_ALL(0x1c653908f1018), VEC_ALL(0x67d66541c6d78),
     VEC_ALL(0x397fcbd0f25b6), VEC_ALL(0xc1842e955f974), VEC_ALL(0x8a84d26c2fbd7),
     VEC_ALL(0x71f551ebddb73), VEC_ALL(0x7b56f48e61543), VEC_ALL(0x8791387ceda28),
     VEC_ALL(0x1b6ac482a1424), VEC_ALL(0x5b0001e491cdb), VEC_ALL(0x7a0a10e4edfda),
     VEC_ALL(0xa4dafd1f34655), VEC_ALL(0x000005ed27359)}};

void fpv_mul_pair(struct fpv *out, const struct fpv *a, const struct fpv *b, const struct fpv *c,
                  const struct fpv *d)
{
    SCRATCH struct fpv_wide sum;
    fpv_wide_mul(&sum, a, b);
    fpv_wide_mul_add(&sum, c, d);
    fpv_wide_reduce(out, &sum);
}

bool fpv_is_exact(void)
{
    struct fpv a = {{{0}}}, b = {{{0}}};
    struct fpv_wide product;
    a.limb[0] = vec_of(LIMB_MASK);
    b.limb[0] = vec_of(1);
    fpv_wide_mul(&product, &a, &b);
    vec difference = product.column[0] ^ vec_of(LIMB_MASK);
    for (size_t k = 1; k < 2 * LIMBS; k++)
        difference |= product.column[k];
    return vec_zero_mask(difference) == (UINT64_C(1) << LANES) - 1;
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

void fpv_dot(struct fpv *out, const struct fpv *a, const struct fpv *b, size_t count)
{
    INVARIANT(count >= 1 && count <= FPV_DOT_MAX);
    SCRATCH struct fpv_wide sum;
    fpv_wide_mul(&sum, &a[0], &b[0]);
    for (size_t i = 1; i < count; i++)
        fpv_wide_mul_add(&sum, &a[i], &b[i]);
    fpv_wide_reduce(out, &sum);
}

void fpv_add(struct fpv *out, const struct fpv *a, const struct fpv *b)
{
    vec t[LIMBS];
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        t[j] = a->limb[j] + b->limb[j];
    columns_carry(out, t);
}

void fpv_sub(struct fpv *out, const struct fpv *a, const struct fpv *b)
{
    vec t[LIMBS];
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        t[j] = a->limb[j] + vec_of(prime_2[j]) - b->limb[j];
    columns_carry(out, t);
}

/* The difference of 2p where that is not negative. The sign is in the last limb. */
static void subtract_2p_if_not_below(struct fpv *a)
{
    vec t[LIMBS];
    struct fpv difference;
    UNROLLED
    for (size_t j = 0; j < LIMBS; j++)
        t[j] = a->limb[j] - vec_of(prime_2[j]);
    columns_carry(&difference, t);
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
