/* Names of what the vector engine is compiled from, apart from those of the portable engine. */
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

#define curve_set           vector_curve_set
#define curve_select        vector_curve_select
#define curve_sample_points vector_curve_sample_points
#define curve_validate      vector_curve_validate
#define point_double        vector_point_double
#define point_add           vector_point_add
#define point_infinity_mask vector_point_infinity_mask
#define point_select        vector_point_select
#define point_swap          vector_point_swap
#define point_multiply      vector_point_multiply
#define point_multiply_each vector_point_multiply_each
#define ladder_clear        vector_ladder_clear
#define ladder_add          vector_ladder_add
#define resultant_open      vector_resultant_open
#define resultant_at_units  vector_resultant_at_units
#define resultant_at_point  vector_resultant_at_point
#define isogeny_apply       vector_isogeny_apply
#define action_run          vector_action_run
#define engine_portable     engine_avx512

#endif
