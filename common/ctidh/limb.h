/* Limbs of 52 bits, and loops over them. */
#ifndef REUNION_CTIDH_LIMB_H
#define REUNION_CTIDH_LIMB_H

#include <stddef.h>
#include <stdint.h>

enum { LIMB_BITS = 52 };
#define LIMB_MASK ((UINT64_C(1) << LIMB_BITS) - 1)

#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#define ROLLED   _Pragma("clang loop unroll(disable)")
#else
#define UNROLLED _Pragma("GCC unroll 64")
#define ROLLED   _Pragma("GCC unroll 1")
#endif

#endif
