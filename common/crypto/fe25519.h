/* Arithmetic modulo 2^255 - 19, in constant time. */
#ifndef REUNION_CRYPTO_FE25519_H
#define REUNION_CRYPTO_FE25519_H

#include <stdint.h>

/* Five limbs of 51 bits. Every function takes limbs below 2^54 and gives limbs below 2^52, so sums
 * and differences may go straight into a product. Any thread; results may alias inputs. Temporary
 * values on the stack are the callers' to bound: none outlives the key it comes from. */
struct fe25519 {
    uint64_t limb[5];
};

extern const struct fe25519 fe25519_zero, fe25519_one;

/* A small constant. */
struct fe25519 fe25519_small(uint32_t value);

/* Little-endian; the top bit is ignored, values from p up are taken modulo p. */
struct fe25519 fe25519_decode(const uint8_t bytes[static 32]);

/* The canonical little-endian form. */
void fe25519_encode(uint8_t bytes[static 32], struct fe25519 a);

struct fe25519 fe25519_add(struct fe25519 a, struct fe25519 b);
struct fe25519 fe25519_sub(struct fe25519 a, struct fe25519 b);
struct fe25519 fe25519_neg(struct fe25519 a);
struct fe25519 fe25519_mul(struct fe25519 a, struct fe25519 b);
struct fe25519 fe25519_square(struct fe25519 a);

/* 1/a; 0 for 0. */
struct fe25519 fe25519_invert(struct fe25519 a);

/* The quadratic character a^((p-1)/2): 1, 0 or -1 as a field element. */
struct fe25519 fe25519_character(struct fe25519 a);

/* A square root of a, which must be a square or zero. */
struct fe25519 fe25519_sqrt(struct fe25519 a);

/* Masks are all ones for "yes", zero for "no". */
uint64_t fe25519_equal(struct fe25519 a, struct fe25519 b);
uint64_t fe25519_is_odd(struct fe25519 a); /* of the canonical integer */
struct fe25519 fe25519_select(uint64_t mask, struct fe25519 when_set, struct fe25519 when_clear);
void fe25519_swap(uint64_t mask, struct fe25519 *a, struct fe25519 *b);

#endif
