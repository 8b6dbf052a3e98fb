/* What arithmetic on 64-bit limbs is written with. */
#ifndef REUNION_CTIDH_WORD_H
#define REUNION_CTIDH_WORD_H

/* Loops over limbs have constant bounds; unrolled, the accumulator of a column and the carry stay
 * in registers. */
#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 32")
#endif

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

#endif
