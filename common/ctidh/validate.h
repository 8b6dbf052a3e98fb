/* Whether a curve is supersingular, so that the class group acts on it. */
#ifndef REUNION_CTIDH_VALIDATE_H
#define REUNION_CTIDH_VALIDATE_H

#include "base/random.h"
#include "ctidh/field.h"

/* The lanes in which a is the coefficient of a supersingular curve y² = x³ + ax² + x: no error in
 * either direction. Takes tight. Its time depends on `a` and on the draws; both are public.
 * Any thread. */
uint64_t curve_validate(const struct fp *a, const struct random_source *random);

#endif
