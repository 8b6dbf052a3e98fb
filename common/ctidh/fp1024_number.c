#include "ctidh/fp1024.h"

#include <string.h>

#include "base/declassify.h"
#include "base/secret.h"

enum { LIMBS = FP1024_LIMBS };

static void limbs_from_bytes(uint64_t limb[LIMBS], const uint8_t in[static FP1024_BYTES])
{
    memset(limb, 0, FP1024_BYTES);
    for (size_t i = 0; i < FP1024_BYTES; i++)
        limb[i / 8] |= (uint64_t)in[i] << 8 * (i % 8);
}

/* a < b; variable time. */
static bool limbs_below(const uint64_t *a, const uint64_t *b, size_t count)
{
    for (size_t i = count; i-- > 0;)
        if (a[i] != b[i])
            return a[i] < b[i];
    return false;
}

void fp_encode(uint8_t out[static FP1024_BYTES], const struct fp *a)
{
    struct fp canonical;
    fp_canonical(&canonical, a);
    for (size_t i = 0; i < FP1024_BYTES; i++)
        out[i] = (uint8_t)(canonical.limb[i / 8] >> 8 * (i % 8));
    secret_wipe(&canonical, sizeof canonical);
}

int fp_decode(struct fp *out, const uint8_t in[static FP1024_BYTES])
{
    uint64_t limb[LIMBS];
    limbs_from_bytes(limb, in);
    if (!limbs_below(limb, fp_prime.limb, LIMBS))
        return -EBADMSG;
    memcpy(out->limb, limb, sizeof limb);
    return 0;
}

void fp_load(struct fp *out, const struct encoded in[static 1])
{
    limbs_from_bytes(out->limb, in->bytes);
}

void fp_store(struct encoded out[static 1], const struct fp *a)
{
    fp_encode(out->bytes, a);
}

/* 15 of 16 draws of 1020 bits are below p. */
void fp_random(struct fp *out, const struct random_source *random)
{
    uint8_t bytes[FP1024_BYTES];
    do {
        random_fill(random, bytes, sizeof bytes);
        bytes[FP1024_BYTES - 1] &= 0x0f;
        limbs_from_bytes(out->limb, bytes);
    } while (!limbs_below(out->limb, fp_prime.limb, LIMBS));
    secret_wipe(bytes, sizeof bytes);
}

/* a number of at least one limb, its length kept without leading zeros */
struct natural {
    uint64_t limb[LIMBS + 1]; /* one zero above, for shifts */
    size_t length;
};

static void natural_trim(struct natural *n)
{
    while (n->length > 0 && n->limb[n->length - 1] == 0)
        n->length--;
}

static bool natural_below(const struct natural *a, const struct natural *b)
{
    if (a->length != b->length)
        return a->length < b->length;
    return limbs_below(a->limb, b->limb, a->length);
}

/* a -= b, for b not above a */
static void natural_subtract(struct natural *a, const struct natural *b)
{
    uint64_t borrow = 0;
    for (size_t i = 0; i < a->length; i++) {
        uint64_t word;
        uint64_t wrapped = __builtin_sub_overflow(a->limb[i], b->limb[i], &word);
        wrapped |= __builtin_sub_overflow(word, borrow, &word);
        a->limb[i] = word;
        borrow = wrapped;
    }
    natural_trim(a);
}

/* Divide out all factors of two of a number that is not zero. Returns: how many. */
static unsigned natural_make_odd(struct natural *n)
{
    size_t words = 0;
    while (n->limb[words] == 0)
        words++;
    unsigned bits = (unsigned)__builtin_ctzll(n->limb[words]);
    for (size_t i = words; i < n->length; i++) {
        uint64_t above = n->limb[i + 1] << 1 << (63 - bits);
        n->limb[i - words] = n->limb[i] >> bits | above;
    }
    for (size_t i = n->length - words; i < n->length; i++)
        n->limb[i] = 0;
    n->length -= words;
    natural_trim(n);
    return bits + 64 * (unsigned)words;
}

/* The Jacobi symbol (u/p) for 0 < u < p by the binary algorithm, as "is it 1". */
static bool is_square(const uint64_t u_limb[LIMBS])
{
    struct natural u = {.length = LIMBS};
    struct natural v = {.length = LIMBS};
    memcpy(u.limb, u_limb, FP1024_BYTES);
    memcpy(v.limb, fp_prime.limb, FP1024_BYTES);
    natural_trim(&u);
    struct natural *a = &u;
    struct natural *b = &v; /* odd throughout */
    uint64_t sign = 0;
    while (a->length > 0) {
        unsigned twos = natural_make_odd(a);
        sign ^= twos & (b->limb[0] >> 1 ^ b->limb[0] >> 2); /* (2/b) = -1 for b = 3, 5 mod 8 */
        if (natural_below(a, b)) {
            sign ^= (a->limb[0] & b->limb[0]) >> 1; /* reciprocity: -1 if both are 3 mod 4 */
            struct natural *larger = b;
            b = a;
            a = larger;
        }
        natural_subtract(a, b);
    }
    return !(sign & 1);
}

uint64_t fp_square_mask_blinded(const struct fp *a, const struct random_source *random)
{
    struct fp blind;
    do {
        fp_random(&blind, random);
    } while (fp_zero_mask(&blind));
    fp_sqr(&blind, &blind);
    fp_mul(&blind, &blind, a);
    fp_canonical(&blind, &blind);
    /* 2^1024 is a square, so the Montgomery representative has the character of the element. */
    declassify(&blind, sizeof blind);
    return is_square(blind.limb) ? UINT64_MAX : 0;
}
