#include "crypto/elligator2.h"

#include "base/declassify.h"
#include "base/secret.h"
#include "crypto/fe25519.h"

enum { CURVE_A = 486662 };

static struct fe25519 doubled(struct fe25519 a)
{
    return fe25519_add(a, a);
}

/* u^3 + A·u^2 + u: a square exactly if u belongs to the curve itself and not to its twist. */
static struct fe25519 curve_right_side(struct fe25519 u)
{
    struct fe25519 inner = fe25519_add(u, fe25519_small(CURVE_A));
    inner = fe25519_add(fe25519_mul(inner, u), fe25519_one);
    return fe25519_mul(inner, u);
}

void elligator2_map(uint8_t u[static ELLIGATOR2_BYTES],
                    const uint8_t representative[static ELLIGATOR2_BYTES])
{
    uint8_t low[ELLIGATOR2_BYTES];
    for (int i = 0; i < ELLIGATOR2_BYTES; i++)
        low[i] = representative[i];
    low[31] &= 0x3f;

    /* 1 + 2r^2 is never zero, as -1/2 is no square. */
    struct fe25519 r = fe25519_decode(low);
    struct fe25519 a = fe25519_small(CURVE_A);
    struct fe25519 denominator = fe25519_add(doubled(fe25519_square(r)), fe25519_one);
    struct fe25519 w = fe25519_neg(fe25519_mul(a, fe25519_invert(denominator)));

    struct fe25519 character = fe25519_character(curve_right_side(w));
    uint64_t on_twist = fe25519_equal(character, fe25519_neg(fe25519_one));
    fe25519_encode(u, fe25519_select(on_twist, fe25519_neg(fe25519_add(w, a)), w));
    secret_wipe(low, sizeof low);
}

int elligator2_inverse(uint8_t representative[static ELLIGATOR2_BYTES],
                       const uint8_t u[static ELLIGATOR2_BYTES], uint8_t tweak)
{
    struct fe25519 x = fe25519_decode(u);
    struct fe25519 x_plus_a = fe25519_add(x, fe25519_small(CURVE_A));
    struct fe25519 minus_2_x = fe25519_neg(doubled(x));

    struct fe25519 character = fe25519_character(fe25519_mul(minus_2_x, x_plus_a));
    uint64_t is_minus_a = fe25519_equal(x_plus_a, fe25519_zero);
    uint64_t is_no_square = fe25519_equal(character, fe25519_neg(fe25519_one));
    uint64_t fails = is_minus_a | is_no_square;
    declassify(&fails, sizeof fails); /* the caller throws such a point away */
    if (fails)
        return -ENOENT;

    /* sign 0: r^2 = -u/(2(u + A)); sign 1: r^2 = -(u + A)/(2u). Both are squares now. */
    uint64_t sign = 0 - (uint64_t)(tweak & 1);
    struct fe25519 numerator = fe25519_neg(fe25519_select(sign, x_plus_a, x));
    struct fe25519 denominator = doubled(fe25519_select(sign, x, x_plus_a));
    struct fe25519 r = fe25519_sqrt(fe25519_mul(numerator, fe25519_invert(denominator)));

    /* Of r and -r, the one up to (p-1)/2 is that whose double is even. */
    r = fe25519_select(fe25519_is_odd(doubled(r)), fe25519_neg(r), r);
    fe25519_encode(representative, r);
    representative[31] |= tweak & 0xc0;
    return 0;
}
