/* The field that curves and isogenies are computed over: one element, or one in each lane. */
#ifndef REUNION_CTIDH_FIELD_H
#define REUNION_CTIDH_FIELD_H

#include "ctidh/fp1024.h"
#include "ctidh/mask.h"

/* DESIGN: inversion, curve, resultant, isogeny, validate, action and engine are written once, in
 * terms of struct fp and fp_…, and compiled for every engine. A vector engine's build defines
 * CTIDH_VECTOR; then struct fp is an element in each of LANES lanes, and names_vector.h gives every
 * function another name, so that the engines can stand side by side in a program.
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

#endif
