/* Products of 52-bit limbs made of fused multiply-adds of doubles: the numbers they need. */
#ifndef REUNION_CTIDH_FMA_H
#define REUNION_CTIDH_FMA_H

#include <stdint.h>

/* A double from 2^52 to 2^53 has its integer in the low bits of its representation, and one from
 * 2^104 to 2^105 the same in units of 2^52. So, for a and b below 2^52 and ab = high·2^52 + low,
 *
 *   upper = ab + 2^104             rounded towards zero: its bits are those of 2^104, plus high
 *   lower = ab + (2^104 + 2^52 - upper)
 *                                  = ab - high·2^52 + 2^52, exactly; its bits: those of 2^52, plus
 *                                  low
 *
 * with the difference exact, as it is (1 - high)·2^52. The bits are added to sums of integers.
 * Every double here is zero or normal, so no operation takes longer for its operands. */

#define TWO_52         0x1p52
#define TWO_104        0x1p104
#define TWO_104_AND_52 0x1.0000000000001p104 /* 2^104 + 2^52 */

#define TWO_52_BITS  (UINT64_C(0x433) << 52)
#define TWO_104_BITS (UINT64_C(0x467) << 52)

/* What the bits of the halves have besides the halves. */
#define LOW_BIAS  TWO_52_BITS
#define HIGH_BIAS TWO_104_BITS

#endif
