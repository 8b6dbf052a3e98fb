/* Arithmetic modulo the 1020-bit prime of CTIDH-1024. */
#ifndef REUNION_CTIDH_FP1024_H
#define REUNION_CTIDH_FP1024_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"

#ifdef CTIDH_SCALAR
#include "ctidh/names_scalar.h"
#endif

/* DESIGN: an element is kept as its Montgomery representative, a·2^1024 mod p, in 16 limbs of 64
 * bits, least significant first; 2^1024 is a little over 17p. That slack replaces nearly all
 * reductions:
 *
 *   tight   below 2p: what every multiplication gives
 *   loose   below 4p: what fp_add and fp_sub of tight values give, without any comparison
 *
 * Multiplication takes loose factors: 4p·4p/2^1024 + p < 1.93p is tight again. So formulas
 * alternate: one layer of additions, one layer of multiplications. Each function says what it
 * takes and gives; a build with FP1024_CHECK_BOUNDS verifies it at run time.
 *
 * Sums of products are collected in 2048 bits and reduced once. There the unit is p² and the
 * limit of fp_wide_reduce is 256p² (2^2048 is 298p²).
 *
 * All functions run in constant time and may be called with aliased arguments unless they say
 * otherwise. Any thread. */

enum { FP1024_LIMBS = 16, FP1024_BYTES = 128 };

struct fp {
    uint64_t limb[FP1024_LIMBS];
};

/* A sum of products. Where there is no product of 128 bits, its limbs have 29 bits
 * (product_limbs29.h). */
#ifdef __wasm__
#define FP1024_LIMBS29
#endif
struct fp_wide {
#ifdef FP1024_LIMBS29
    uint32_t limb[72];
#else
    uint64_t limb[2 * FP1024_LIMBS];
#endif
};

/* An element as fp_encode gives it. */
struct encoded {
    uint8_t bytes[FP1024_BYTES];
};

extern const struct fp fp_prime; /* the number p itself, not a representative */
#define FP1024_MINUS_PRIME_INVERSE UINT64_C(0xd2c2c24160038025) /* -1/p modulo 2^64 */
extern const struct fp fp_zero;
extern const struct fp fp_one;

/* loose x loose -> tight */
void fp_mul(struct fp *out, const struct fp *a, const struct fp *b);
void fp_sqr(struct fp *out, const struct fp *a);

/* tight, tight -> loose */
void fp_add(struct fp *out, const struct fp *a, const struct fp *b);
void fp_sub(struct fp *out, const struct fp *a, const struct fp *b);

/* loose -> tight, the same element */
void fp_tighten(struct fp *out, const struct fp *a);

/* tight, tight -> tight */
void fp_add_tight(struct fp *out, const struct fp *a, const struct fp *b);
void fp_sub_tight(struct fp *out, const struct fp *a, const struct fp *b);

/* tight -> below p */
void fp_canonical(struct fp *out, const struct fp *a);

/* tight -> tight: -a */
void fp_negate(struct fp *out, const struct fp *a);

/* a·b + c·d: tight x loose -> tight */
void fp_mul_pair(struct fp *out, const struct fp *a, const struct fp *b, const struct fp *c,
                 const struct fp *d);

/* The inner product of two vectors of 1 to FP1024_DOT_MAX tight elements -> tight. */
enum { FP1024_DOT_MAX = 32 };
void fp_dot(struct fp *out, const struct fp *a, const struct fp *b, size_t count);

/* Sums of products. `out` may not alias the factors. */
void fp_wide_mul(struct fp_wide *out, const struct fp *a, const struct fp *b); /* a·b */
void fp_wide_mul_add(struct fp_wide *sum, const struct fp *a, const struct fp *b);
void fp_wide_add(struct fp_wide *sum, const struct fp_wide *term);
/* sum - term + 64p², for terms up to 64p²: congruent modulo p and never negative. */
void fp_wide_sub(struct fp_wide *sum, const struct fp_wide *term);
void fp_wide_reduce(struct fp *out, const struct fp_wide *sum); /* up to 256p² -> tight */

/* All ones if a tight element is zero modulo p, else 0. */
uint64_t fp_zero_mask(const struct fp *a);

/* out = mask ? when_set : when_clear, and: exchange a and b if mask. Masks are 0 or all ones. */
void fp_select(struct fp *out, const struct fp *when_set, const struct fp *when_clear,
               uint64_t mask);
void fp_swap(struct fp *a, struct fp *b, uint64_t mask);

/* 1/a, and 0 for 0: tight -> tight. */
void fp_invert(struct fp *out, const struct fp *a);

/* The 128 bytes of the key format: the Montgomery representative, fully reduced, little-endian.
 * Takes tight. */
void fp_encode(uint8_t out[static FP1024_BYTES], const struct fp *a);

/* Returns: 0, -EBADMSG (the number is not below p). Not constant in time: input is public. */
MUST_CHECK int fp_decode(struct fp *out, const uint8_t in[static FP1024_BYTES]);

/* The same as fp_decode for what fp_encode gave, and fp_encode; in constant time. They have the
 * form that fields of several lanes need: one key after the other. */
void fp_load(struct fp *out, const struct encoded in[static 1]);
void fp_store(struct encoded out[static 1], const struct fp *a);

/* A uniform element, by rejection; what was rejected may be known. */
void fp_random(struct fp *out, const struct random_source *random);

/* All ones if a tight non-zero element is a square, else 0. Variable time, so `a` is first
 * multiplied by the square of a fresh random element: what remains visible is the answer alone, on
 * a value uniform among those with that answer. */
uint64_t fp_square_mask_blinded(const struct fp *a, const struct random_source *random);

#endif
