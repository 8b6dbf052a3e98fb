/* Names of the field in lanes for engines other than that of AVX-512 IFMA, so that all of them can
 * stand side by side in a program. */
#ifndef REUNION_CTIDH_NAMES_LANES_H
#define REUNION_CTIDH_NAMES_LANES_H

#ifdef CTIDH_AVX2
#define LANES_NAME(name) avx2_##name
#else
#define LANES_NAME(name) avx512f_##name
#endif

#define fpv_zero                LANES_NAME(fpv_zero)
#define fpv_one                 LANES_NAME(fpv_one)
#define fpv_mul                 LANES_NAME(fpv_mul)
#define fpv_sqr                 LANES_NAME(fpv_sqr)
#define fpv_add                 LANES_NAME(fpv_add)
#define fpv_sub                 LANES_NAME(fpv_sub)
#define fpv_add_tight           LANES_NAME(fpv_add_tight)
#define fpv_sub_tight           LANES_NAME(fpv_sub_tight)
#define fpv_negate              LANES_NAME(fpv_negate)
#define fpv_mul_pair            LANES_NAME(fpv_mul_pair)
#define fpv_dot                 LANES_NAME(fpv_dot)
#define fpv_wide_mul            LANES_NAME(fpv_wide_mul)
#define fpv_wide_mul_add        LANES_NAME(fpv_wide_mul_add)
#define fpv_wide_add            LANES_NAME(fpv_wide_add)
#define fpv_wide_sub            LANES_NAME(fpv_wide_sub)
#define fpv_wide_reduce         LANES_NAME(fpv_wide_reduce)
#define fpv_zero_mask           LANES_NAME(fpv_zero_mask)
#define fpv_select              LANES_NAME(fpv_select)
#define fpv_swap                LANES_NAME(fpv_swap)
#define fpv_invert              LANES_NAME(fpv_invert)
#define fpv_is_exact            LANES_NAME(fpv_is_exact)
#define fpv_load                LANES_NAME(fpv_load)
#define fpv_store               LANES_NAME(fpv_store)
#define fpv_random              LANES_NAME(fpv_random)
#define fpv_square_mask_blinded LANES_NAME(fpv_square_mask_blinded)

#endif
