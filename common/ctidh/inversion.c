#include <string.h>

#include "base/secret.h"
#include "ctidh/field.h"

enum { WINDOWS = 16 * FP1024_LIMBS };

/* a^(p-2), with windows of four bits. The exponent is public. */
void fp_invert(struct fp *out, const struct fp *a)
{
    struct fp power[16];
    power[0] = fp_one;
    for (size_t i = 1; i < 16; i++)
        fp_mul(&power[i], &power[i - 1], a);
    uint64_t exponent[FP1024_LIMBS];
    memcpy(exponent, fp_prime.limb, sizeof exponent);
    exponent[0] -= 2;

    struct fp result = fp_one;
    for (size_t i = WINDOWS; i-- > 0;) {
        for (size_t k = 0; k < 4; k++)
            fp_sqr(&result, &result);
        fp_mul(&result, &result, &power[exponent[i / 16] >> 4 * (i % 16) & 15]);
    }
    *out = result;
    secret_wipe(power, sizeof power);
    secret_wipe(&result, sizeof result);
}
