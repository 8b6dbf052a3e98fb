/* Names of the scalar engine's field, the same as that of fp1024.h, beside the portable one. */
#ifndef REUNION_CTIDH_NAMES_SCALAR_H
#define REUNION_CTIDH_NAMES_SCALAR_H

#define fp_prime               fps_prime
#define fp_zero                fps_zero
#define fp_one                 fps_one
#define fp_mul                 fps_mul
#define fp_sqr                 fps_sqr
#define fp_add                 fps_add
#define fp_sub                 fps_sub
#define fp_tighten             fps_tighten
#define fp_add_tight           fps_add_tight
#define fp_sub_tight           fps_sub_tight
#define fp_canonical           fps_canonical
#define fp_negate              fps_negate
#define fp_mul_pair            fps_mul_pair
#define fp_dot                 fps_dot
#define fp_wide_mul            fps_wide_mul
#define fp_wide_mul_add        fps_wide_mul_add
#define fp_wide_add            fps_wide_add
#define fp_wide_sub            fps_wide_sub
#define fp_wide_reduce         fps_wide_reduce
#define fp_zero_mask           fps_zero_mask
#define fp_select              fps_select
#define fp_swap                fps_swap
#define fp_invert              fps_invert
#define fp_encode              fps_encode
#define fp_decode              fps_decode
#define fp_load                fps_load
#define fp_store               fps_store
#define fp_random              fps_random
#define fp_square_mask_blinded fps_square_mask_blinded

#endif
