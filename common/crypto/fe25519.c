#include "crypto/fe25519.h"

#include <string.h>

__extension__ typedef unsigned __int128 uint128;

#define LIMB_MASK ((UINT64_C(1) << 51) - 1)

const struct fe25519 fe25519_zero = {{0}};
const struct fe25519 fe25519_one = {{1}};

/* Bring limbs below 2^52: one carry pass, the top carry coming back as 19 times itself. */
static struct fe25519 carried(struct fe25519 a)
{
    for (int i = 0; i < 4; i++) {
        a.limb[i + 1] += a.limb[i] >> 51;
        a.limb[i] &= LIMB_MASK;
    }
    a.limb[0] += 19 * (a.limb[4] >> 51);
    a.limb[4] &= LIMB_MASK;
    return a;
}

struct fe25519 fe25519_small(uint32_t value)
{
    return (struct fe25519){{value}};
}

static uint64_t load_le64(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--)
        word = word << 8 | bytes[i];
    return word;
}

struct fe25519 fe25519_decode(const uint8_t bytes[static 32])
{
    /* Limb i starts at bit 51·i: bytes 0, 6, 12, 19 and 24, shifted by the rest. */
    return (struct fe25519){{
        load_le64(bytes) & LIMB_MASK,
        load_le64(bytes + 6) >> 3 & LIMB_MASK,
        load_le64(bytes + 12) >> 6 & LIMB_MASK,
        load_le64(bytes + 19) >> 1 & LIMB_MASK,
        load_le64(bytes + 24) >> 12 & LIMB_MASK,
    }};
}

/* The canonical representative, 0 to p-1. */
static struct fe25519 reduced(struct fe25519 a)
{
    a = carried(carried(a));
    /* a < 2^255 + small now. Adding 19 carries out of bit 255 exactly if a >= p; then a - p is
     * wanted, which is a + 19 - 2^255. */
    uint64_t carry = 19;
    for (int i = 0; i < 5; i++)
        carry = (a.limb[i] + carry) >> 51;
    a.limb[0] += 19 * carry;
    for (int i = 0; i < 4; i++) {
        a.limb[i + 1] += a.limb[i] >> 51;
        a.limb[i] &= LIMB_MASK;
    }
    a.limb[4] &= LIMB_MASK;
    return a;
}

void fe25519_encode(uint8_t bytes[static 32], struct fe25519 a)
{
    a = reduced(a);
    const uint64_t words[4] = {
        a.limb[0] | a.limb[1] << 51,
        a.limb[1] >> 13 | a.limb[2] << 38,
        a.limb[2] >> 26 | a.limb[3] << 25,
        a.limb[3] >> 39 | a.limb[4] << 12,
    };
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(words[i / 8] >> (8 * (i % 8)));
}

struct fe25519 fe25519_add(struct fe25519 a, struct fe25519 b)
{
    for (int i = 0; i < 5; i++)
        a.limb[i] += b.limb[i];
    return carried(a);
}

struct fe25519 fe25519_sub(struct fe25519 a, struct fe25519 b)
{
    /* 16·p in limbs that exceed any limb of b, so that no difference is negative. */
    static const uint64_t multiple_of_p[5] = {16 * (LIMB_MASK - 18), 16 * LIMB_MASK, 16 * LIMB_MASK,
                                              16 * LIMB_MASK, 16 * LIMB_MASK};
    for (int i = 0; i < 5; i++)
        a.limb[i] += multiple_of_p[i] - b.limb[i];
    return carried(a);
}

struct fe25519 fe25519_neg(struct fe25519 a)
{
    return fe25519_sub(fe25519_zero, a);
}

struct fe25519 fe25519_mul(struct fe25519 a, struct fe25519 b)
{
    /* Column i collects a_j·b_k with j+k = i, and 19·a_j·b_k with j+k = i+5, as 2^255 = 19. With
     * limbs below 2^54 a column is below 5·19·2^108 < 2^115. */
    uint128 column[5] = {0};
    for (int j = 0; j < 5; j++)
        for (int k = 0; k < 5; k++) {
            uint64_t fold = j + k >= 5 ? 19 : 1;
            column[(j + k) % 5] += (uint128)a.limb[j] * (fold * b.limb[k]);
        }
    struct fe25519 product;
    for (int i = 0; i < 4; i++) {
        column[i + 1] += (uint64_t)(column[i] >> 51);
        product.limb[i] = (uint64_t)column[i] & LIMB_MASK;
    }
    /* The last carry is below 2^64, 19 times it below 2^69: it goes through 128 bits once more. */
    product.limb[4] = (uint64_t)column[4] & LIMB_MASK;
    uint128 low = product.limb[0] + (column[4] >> 51) * 19;
    product.limb[0] = (uint64_t)low & LIMB_MASK;
    product.limb[1] += (uint64_t)(low >> 51);
    return product;
}

struct fe25519 fe25519_square(struct fe25519 a)
{
    return fe25519_mul(a, a);
}

static struct fe25519 squared_times(struct fe25519 a, int times)
{
    while (times-- > 0)
        a = fe25519_square(a);
    return a;
}

/* a^(2^250 - 1), the common part of the three exponents below. */
static struct fe25519 power_2_250_minus_1(struct fe25519 a)
{
    /* ones(n) = a^(2^n - 1): ones(m + n) = ones(m)^(2^n) · ones(n). */
    struct fe25519 ones_2 = fe25519_mul(fe25519_square(a), a);
    struct fe25519 ones_4 = fe25519_mul(squared_times(ones_2, 2), ones_2);
    struct fe25519 ones_5 = fe25519_mul(fe25519_square(ones_4), a);
    struct fe25519 ones_10 = fe25519_mul(squared_times(ones_5, 5), ones_5);
    struct fe25519 ones_20 = fe25519_mul(squared_times(ones_10, 10), ones_10);
    struct fe25519 ones_40 = fe25519_mul(squared_times(ones_20, 20), ones_20);
    struct fe25519 ones_50 = fe25519_mul(squared_times(ones_40, 10), ones_10);
    struct fe25519 ones_100 = fe25519_mul(squared_times(ones_50, 50), ones_50);
    struct fe25519 ones_200 = fe25519_mul(squared_times(ones_100, 100), ones_100);
    return fe25519_mul(squared_times(ones_200, 50), ones_50);
}

struct fe25519 fe25519_invert(struct fe25519 a)
{
    /* p - 2 = 2^255 - 21 = 2^5·(2^250 - 1) + 11 */
    struct fe25519 square = fe25519_square(a);
    struct fe25519 eleventh = fe25519_mul(fe25519_mul(squared_times(square, 2), square), a);
    return fe25519_mul(squared_times(power_2_250_minus_1(a), 5), eleventh);
}

struct fe25519 fe25519_character(struct fe25519 a)
{
    /* (p - 1)/2 = 2^254 - 10 = 2^4·(2^250 - 1) + 6 */
    struct fe25519 sixth = fe25519_square(fe25519_mul(fe25519_square(a), a));
    return fe25519_mul(squared_times(power_2_250_minus_1(a), 4), sixth);
}

struct fe25519 fe25519_sqrt(struct fe25519 a)
{
    /* p = 5 mod 8: a^((p+3)/8) is a root of a or of -a, and sqrt(-1) mends the second case.
     * (p + 3)/8 = 2^252 - 2 = 2^2·(2^250 - 1) + 2; sqrt(-1) = 2^((p-1)/4), as 2 is no square. */
    static const struct fe25519 sqrt_minus_1 = {
        {0x61b274a0ea0b0, 0xd5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d}};
    struct fe25519 root = fe25519_mul(squared_times(power_2_250_minus_1(a), 2), fe25519_square(a));
    uint64_t is_root = fe25519_equal(fe25519_square(root), a);
    return fe25519_select(is_root, root, fe25519_mul(root, sqrt_minus_1));
}

uint64_t fe25519_equal(struct fe25519 a, struct fe25519 b)
{
    struct fe25519 x = reduced(a), y = reduced(b);
    uint64_t difference = 0;
    for (int i = 0; i < 5; i++)
        difference |= x.limb[i] ^ y.limb[i];
    /* difference < 2^51: subtracting one borrows out of the top only from zero. */
    return 0 - ((difference - 1) >> 63);
}

uint64_t fe25519_is_odd(struct fe25519 a)
{
    return 0 - (reduced(a).limb[0] & 1);
}

struct fe25519 fe25519_select(uint64_t mask, struct fe25519 when_set, struct fe25519 when_clear)
{
    struct fe25519 chosen;
    for (int i = 0; i < 5; i++)
        chosen.limb[i] = (when_set.limb[i] & mask) | (when_clear.limb[i] & ~mask);
    return chosen;
}

void fe25519_swap(uint64_t mask, struct fe25519 *a, struct fe25519 *b)
{
    for (int i = 0; i < 5; i++) {
        uint64_t difference = (a->limb[i] ^ b->limb[i]) & mask;
        a->limb[i] ^= difference;
        b->limb[i] ^= difference;
    }
}
