#include "crypto/ladder25519.h"

#include "base/secret.h"

/* A multiple of a point by its u-coordinate u = x/z. */
struct ladder_point {
    struct fe25519 x, z;
};

/* (near, far) with far - near = base -> (2·near, near + far): RFC 7748, section 5. */
static void ladder_step(struct ladder_point *near, struct ladder_point *far, struct fe25519 base)
{
    struct fe25519 sum = fe25519_add(near->x, near->z), sum_2 = fe25519_square(sum);
    struct fe25519 difference = fe25519_sub(near->x, near->z);
    struct fe25519 difference_2 = fe25519_square(difference);
    struct fe25519 e = fe25519_sub(sum_2, difference_2);
    struct fe25519 da = fe25519_mul(fe25519_sub(far->x, far->z), sum);
    struct fe25519 cb = fe25519_mul(fe25519_add(far->x, far->z), difference);
    struct fe25519 a24_e = fe25519_mul(fe25519_small((486662 - 2) / 4), e);

    far->x = fe25519_square(fe25519_add(da, cb));
    far->z = fe25519_mul(base, fe25519_square(fe25519_sub(da, cb)));
    near->x = fe25519_mul(sum_2, difference_2);
    near->z = fe25519_mul(e, fe25519_add(sum_2, a24_e));
}

void ladder25519(uint8_t u[static 32], const uint8_t scalar[static 32], struct fe25519 base)
{
    struct ladder_point near = {fe25519_one, fe25519_zero}, far = {base, fe25519_one};
    for (int bit = 255; bit >= 0; bit--) {
        uint64_t swap = 0 - (uint64_t)(scalar[bit / 8] >> (bit % 8) & 1);
        fe25519_swap(swap, &near.x, &far.x);
        fe25519_swap(swap, &near.z, &far.z);
        ladder_step(&near, &far, base);
        fe25519_swap(swap, &near.x, &far.x);
        fe25519_swap(swap, &near.z, &far.z);
    }
    fe25519_encode(u, fe25519_mul(near.x, fe25519_invert(near.z)));
    secret_wipe(&near, sizeof near);
    secret_wipe(&far, sizeof far);
}
