/* The field that curves and isogenies are computed over: one element, or one in each lane. */
#ifndef REUNION_CTIDH_FIELD_H
#define REUNION_CTIDH_FIELD_H

#include "ctidh/fp1024.h"
#include "ctidh/mask.h"

/* DESIGN: inversion, curve, resultant, isogeny, validate, action and engine are written once, in
 * terms of struct fp and fp_…, and compiled for every engine. Headers give every function another
 * name in each, so that the engines can stand side by side in a program.
 *
 *   portable  plain C, the reference
 *   scalar    CTIDH_SCALAR is defined; the same field with faster products (product_mulx.h)
 *   avx512    CTIDH_VECTOR is defined; struct fp is an element in each of LANES lanes
 *   avx512f   CTIDH_AVX512F as well: eight lanes, and products that need no IFMA (fma.h)
 *   avx2      CTIDH_AVX2 as well: the same in four lanes (product_tiles.h)
 *
 * What can differ between lanes is chosen by masks: a lane's bits are those of lane_mask. A mask of
 * one lane is 0 or all ones, and 0 and all ones mean none and all of the lanes in every engine. */

#ifdef CTIDH_VECTOR

#include "ctidh/fpv1024.h"

#include "ctidh/names_vector.h"

#define ALL_LANES ((UINT64_C(1) << LANES) - 1)

static inline uint64_t lane_mask(size_t lane)
{
    return UINT64_C(1) << lane;
}

#else

enum { LANES = 1 };
#define ALL_LANES UINT64_MAX

static inline uint64_t lane_mask(size_t lane)
{
    (void)lane;
    return ALL_LANES;
}

#endif

#if defined(CTIDH_VECTOR) || defined(CTIDH_SCALAR)
#include "ctidh/names_engine.h"
#endif

#endif
