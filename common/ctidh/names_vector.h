/* Names of the vector engine's field where sources say fp_. */
#ifndef REUNION_CTIDH_NAMES_VECTOR_H
#define REUNION_CTIDH_NAMES_VECTOR_H

#define fp                     fpv
#define fp_wide                fpv_wide
#define fp_zero                fpv_zero
#define fp_one                 fpv_one
#define fp_mul                 fpv_mul
#define fp_sqr                 fpv_sqr
#define fp_add                 fpv_add
#define fp_sub                 fpv_sub
#define fp_add_tight           fpv_add_tight
#define fp_sub_tight           fpv_sub_tight
#define fp_negate              fpv_negate
#define fp_mul_pair            fpv_mul_pair
#define fp_dot                 fpv_dot
#define fp_wide_mul            fpv_wide_mul
#define fp_wide_mul_add        fpv_wide_mul_add
#define fp_wide_add            fpv_wide_add
#define fp_wide_sub            fpv_wide_sub
#define fp_wide_reduce         fpv_wide_reduce
#define fp_zero_mask           fpv_zero_mask
#define fp_select              fpv_select
#define fp_swap                fpv_swap
#define fp_invert              fpv_invert
#define fp_random              fpv_random
#define fp_square_mask_blinded fpv_square_mask_blinded
#define fp_load                fpv_load
#define fp_store               fpv_store

#endif
