#include "base/secret.h"
#include "ctidh/fpv1024.h"

_Static_assert(FPV_LIMBS *LIMB_BITS > 64 * FP1024_LIMBS, "a lane has room for any struct fp");

/* What takes the representative a·2^1024 to a·2^1040, and back, as factors of fpv_mul. */
static const uint64_t to_lanes[FPV_LIMBS] = {/* 2^1056 mod p */
                                             0x0ee45a37fe718, 0x14ec7bf931af9, 0xc81a82eb83a97,
                                             0xe0ee4e22d2702, 0xd4d6d2664fb45, 0xd348de282eb6f,
                                             0xe48543296eb6d, 0x275804c1921c5, 0xca89df097cb5d,
                                             0x0138aa18f6b35, 0xf926532b0f120, 0x9c2bcc9d7b9dd,
                                             0x1e7685d102562, 0xa627d3ddd9911, 0xea3532fc19a75,
                                             0x3230722dbe1d2, 0x8b82564ffb50f, 0x22393fb97cef7,
                                             0x3d98759df3527, 0x00000040ca9de};
static const uint64_t from_lanes[FPV_LIMBS] = {/* 2^1024 mod p */
                                               0x7ee6590e6567d, 0x587fef86d465e, 0x99d62f240a5f2,
                                               0xf26d99f9e607b, 0xa1089df50f4f8, 0x2890dd02bb585,
                                               0xe68b969ecb959, 0x395f33c3e1b6b, 0x31f1baebe3c10,
                                               0x7f5ef96523965, 0x8d37db76b7a1b, 0x89fa474b4a3f2,
                                               0xcc7a4fff286d0, 0x7340acdbce120, 0xce508b3f94713,
                                               0x913f3e7c71b37, 0x1b17b09ec4577, 0xff6f7956b6c7d,
                                               0x68ec2b89d834a, 0x0000044c4b3e9};

static void multiply_by_constant(struct fpv *a, const uint64_t limbs[FPV_LIMBS])
{
    struct fpv factor;
    for (size_t j = 0; j < FPV_LIMBS; j++)
        factor.limb[j] = vec_of(limbs[j]);
    fpv_mul(a, a, &factor);
}

/* Word `index` of a number of 64-bit limbs that ends after FP1024_LIMBS of them. */
static uint64_t word_or_zero(const struct fp *a, size_t index)
{
    return index < FP1024_LIMBS ? a->limb[index] : 0;
}

static void gather(struct fpv *out, const struct fp in[static LANES])
{
    for (size_t j = 0; j < FPV_LIMBS; j++) {
        size_t word = LIMB_BITS * j / 64;
        unsigned shift = LIMB_BITS * j % 64;
        for (size_t lane = 0; lane < LANES; lane++) {
            uint64_t above = word_or_zero(&in[lane], word + 1) << 1 << (63 - shift);
            out->limb[j][lane] = (word_or_zero(&in[lane], word) >> shift | above) & LIMB_MASK;
        }
    }
    multiply_by_constant(out, to_lanes);
}

static void scatter(struct fp out[static LANES], const struct fpv *a)
{
    struct fpv b = *a;
    multiply_by_constant(&b, from_lanes);
    for (size_t lane = 0; lane < LANES; lane++) {
        out[lane] = fp_zero;
        for (size_t j = 0; j < FPV_LIMBS; j++) {
            size_t word = LIMB_BITS * j / 64;
            unsigned shift = LIMB_BITS * j % 64;
            out[lane].limb[word] |= b.limb[j][lane] << shift;
            if (shift > 64 - LIMB_BITS && word + 1 < FP1024_LIMBS)
                out[lane].limb[word + 1] |= b.limb[j][lane] >> (64 - shift);
        }
    }
    secret_wipe(&b, sizeof b);
}

void fpv_load(struct fpv *out, const struct encoded in[static LANES])
{
    struct fp each[LANES];
    for (size_t lane = 0; lane < LANES; lane++)
        fp_load(&each[lane], &in[lane]);
    gather(out, each);
    secret_wipe(each, sizeof each);
}

void fpv_store(struct encoded out[static LANES], const struct fpv *a)
{
    struct fp each[LANES];
    scatter(each, a);
    for (size_t lane = 0; lane < LANES; lane++)
        fp_encode(out[lane].bytes, &each[lane]);
    secret_wipe(each, sizeof each);
}

void fpv_random(struct fpv *out, const struct random_source *random)
{
    struct fp each[LANES];
    for (size_t lane = 0; lane < LANES; lane++)
        fp_random(&each[lane], random);
    gather(out, each);
    secret_wipe(each, sizeof each);
}

uint64_t fpv_square_mask_blinded(const struct fpv *a, const struct random_source *random)
{
    struct fp each[LANES];
    scatter(each, a);
    uint64_t mask = 0;
    for (size_t lane = 0; lane < LANES; lane++)
        mask |= fp_square_mask_blinded(&each[lane], random) & UINT64_C(1) << lane;
    secret_wipe(each, sizeof each);
    return mask;
}
