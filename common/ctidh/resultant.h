/* The product over most multiples of a kernel point, by square-root Vélu. */
#ifndef REUNION_CTIDH_RESULTANT_H
#define REUNION_CTIDH_RESULTANT_H

#include "ctidh/curve.h"
#include "ctidh/field.h"
#include "ctidh/primes.h"

/* Source: Bernstein, De Feo, Leroux, Smith 2020, "Faster computation of isogenies of large prime
 * degree", in the symmetric form derived in resultant.c.
 *
 * Babies are the multiples [i]K of a kernel point, i = 1, 3, ..., 2b-1; giants are the [j]K,
 * j = 2b·(1, 3, ..., 2g-1). The [j+i]K and [j-i]K are together all odd multiples below 4bg. Over
 * these, with x-coordinates x_s, the functions here compute for a point X:Z
 *
 *   numerator = prod (Z - X·x_s),  denominator = prod (X - Z·x_s)
 *
 * up to one common factor that is the same for both. Everything in here is secret; the owner
 * wipes. All functions run in constant time for given counts. */

/* What formulas need of a point: x²+z², 2xz, x²-z². Tight. */
struct forms {
    struct fp even;
    struct fp cross;
    struct fp odd;
};

struct baby {
    struct forms forms;
    struct fp monomial[GIANTS_MAX + 1]; /* even^k · cross^(giants-k) */
};

/* With the coefficients a, c of the curve. */
struct giant {
    struct fp even;  /* c·even */
    struct fp cross; /* c·cross */
    struct fp mixed; /* c·even + a·cross */
    struct fp odd;   /* odd */
};

struct resultant {
    size_t babies;
    size_t giants;
    struct baby baby[BABIES_MAX];
    struct giant giant[GIANTS_MAX];
};

/* Takes 1 to BABIES_MAX and 1 to GIANTS_MAX points. */
void resultant_open(struct resultant *resultant, const struct point *babies, size_t baby_count,
                    const struct point *giants, size_t giant_count, const struct curve *curve);

/* Multiply at_one and at_minus_one by the denominators at 1 and at -1. */
void resultant_at_units(const struct resultant *resultant, struct fp *at_one,
                        struct fp *at_minus_one);

/* Multiply numerator and denominator by those at `point`. */
void resultant_at_point(const struct resultant *resultant, const struct point *point,
                        const struct curve *curve, struct fp *numerator, struct fp *denominator);

#endif
