/* Vectors of 64-bit lanes, and the multiplication of 52-bit limbs in all lanes at once. */
#ifndef REUNION_CTIDH_LANES_H
#define REUNION_CTIDH_LANES_H

/* Addition, shifts and logic are the compiler's own operations on vectors. Only what it has no
 * notation for is named here, once for each kind of processor:
 *
 *   LANES, vec, signed_vec     so many 64-bit numbers
 *   VEC_ALL(x)                 an initialiser: x in every lane
 *   vec_of(x)                  the same at run time
 *   vec_select, vec_zero_mask, vec_negative_mask
 *                              a mask has bit i for lane i; so 0 and all ones mean none and all
 *                              of the lanes, whatever their number
 *   vec_carry                  what a column has above its limb; signed, as a column may have been
 *                              subtracted from. It is given the column plus CARRY_OFFSET, which
 *                              leaves the limb alone, and gives CARRY_EXCESS more than is carried
 *   operand                    a limb as products take it: operand_of the low 52 bits of a vec,
 *                              operand_constant of a constant_limb
 *   operands_of                several of them, in `room` if that is not what they are anyway
 *   struct multiplier          what products need besides, from multiplier_open to
 *                              multiplier_close in one function
 *   vec_add_product            adds the low and the high 52 bits of a product to two sums, and to
 *                              each sum a constant as well, LOW_BIAS or HIGH_BIAS: multiples of
 *                              2^52, which whoever collects products takes off again
 *   LIMBS_AT_ONCE              how many products in a row are best begun together, as measured
 *   IN_REGISTER(x)             keeps the compiler from loading x again, or from computing with it
 *                              in another order
 *
 * Emulated, in plain C on two lanes, the very sources of the vector engines run where the processor
 * has no such instructions, and under valgrind, which does not know them: the tests of constant
 * time do that. */

#if defined(CTIDH_LANES_EMULATED)
#include "ctidh/lanes_emulated.h"
#elif defined(CTIDH_AVX512F)
#include "ctidh/lanes_avx512f.h"
#elif defined(CTIDH_AVX2)
#include "ctidh/lanes_avx2.h"
#else
#include "ctidh/lanes_avx512.h"
#endif

#endif
