/* Whether a curve is supersingular, so that the class group acts on it. */
#ifndef REUNION_CTIDH_VALIDATE_H
#define REUNION_CTIDH_VALIDATE_H

#include "base/err.h"
#include "base/random.h"
#include "ctidh/fp1024.h"

/* Accepts exactly the coefficients a of supersingular curves y² = x³ + ax² + x: no error in either
 * direction. Takes tight. Its time depends on `a` and on the draws; both are public.
 * Gives: 0, -EBADMSG. Any thread. */
MUST_CHECK int curve_validate(const struct fp *a, const struct random_source *random);

#endif
