/* Arithmetic modulo the prime of CTIDH-1024 in all lanes of a vector at once. */
#ifndef REUNION_CTIDH_FPV1024_H
#define REUNION_CTIDH_FPV1024_H

#include "base/random.h"
#include "ctidh/fp1024.h"
#include "ctidh/lanes.h"

#if defined(CTIDH_AVX512F) || defined(CTIDH_AVX2)
#include "ctidh/names_lanes.h"
#endif

/* DESIGN: a struct fpv holds one field element for each lane, as its Montgomery representative
 * a·2^1040 mod p in 20 limbs of 52 bits, least significant first: limb[j] has the j-th limb of all
 * elements. Limbs are kept below 2^52, all but the last, since the multiplication reads no more.
 *
 * How two limbs are multiplied depends on the processor (lanes.h). Limbs, columns and their bounds
 * do not.
 *
 * Every function does in each lane what its namesake of fp1024.h does, with the same bounds, tight
 * and loose, and the same rules for aliasing; names_vector.h lets the same sources use either. Here
 * the slack is larger: 2^1040 is a million times p, so products and sums of them are tight after
 * the Montgomery reduction alone. */

enum { FPV_LIMBS = 20, FPV_DOT_MAX = FP1024_DOT_MAX };

struct fpv {
    vec limb[FPV_LIMBS];
};

/* Columns of weight 2^(52·k), not carried. One product adds less than 40·2^52 to a column; 32
 * of them stay below 2^63, which is where a carry would turn negative. */
struct fpv_wide {
    vec column[2 * FPV_LIMBS];
};

extern const struct fpv fpv_zero;
extern const struct fpv fpv_one;

void fpv_mul(struct fpv *out, const struct fpv *a, const struct fpv *b);
void fpv_sqr(struct fpv *out, const struct fpv *a);
void fpv_add(struct fpv *out, const struct fpv *a, const struct fpv *b);
void fpv_sub(struct fpv *out, const struct fpv *a, const struct fpv *b);
void fpv_add_tight(struct fpv *out, const struct fpv *a, const struct fpv *b);
void fpv_sub_tight(struct fpv *out, const struct fpv *a, const struct fpv *b);
void fpv_negate(struct fpv *out, const struct fpv *a);
void fpv_mul_pair(struct fpv *out, const struct fpv *a, const struct fpv *b, const struct fpv *c,
                  const struct fpv *d);
void fpv_dot(struct fpv *out, const struct fpv *a, const struct fpv *b, size_t count);
void fpv_wide_mul(struct fpv_wide *out, const struct fpv *a, const struct fpv *b);
void fpv_wide_mul_add(struct fpv_wide *sum, const struct fpv *a, const struct fpv *b);
void fpv_wide_add(struct fpv_wide *sum, const struct fpv_wide *term);
void fpv_wide_sub(struct fpv_wide *sum, const struct fpv_wide *term);
void fpv_wide_reduce(struct fpv *out, const struct fpv_wide *sum);
uint64_t fpv_zero_mask(const struct fpv *a);
void fpv_select(struct fpv *out, const struct fpv *when_set, const struct fpv *when_clear,
                uint64_t mask);
void fpv_swap(struct fpv *a, struct fpv *b, uint64_t mask);
void fpv_invert(struct fpv *out, const struct fpv *a);

/* Whether a product that is less than 2^52 has no high half, though it is nearly one. It has where
 * instructions are translated and rounding towards zero is not, as by valgrind. */
bool fpv_is_exact(void);

/* From and to one encoded element for each lane; tight. */
void fpv_load(struct fpv *out, const struct encoded in[static LANES]);
void fpv_store(struct encoded out[static LANES], const struct fpv *a);

/* In each lane a draw, and the answer, of its own. */
void fpv_random(struct fpv *out, const struct random_source *random);
uint64_t fpv_square_mask_blinded(const struct fpv *a, const struct random_source *random);

#endif
