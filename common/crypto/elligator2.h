/* Elligator 2: Curve25519 points as strings that look random, and back. */
#ifndef REUNION_CRYPTO_ELLIGATOR2_H
#define REUNION_CRYPTO_ELLIGATOR2_H

#include <stdint.h>

#include "base/err.h"

/* Source: Bernstein, Hamburg, Krasnova, Lange, "Elligator: Elliptic-curve points indistinguishable
 * from uniform random strings" (2013), section 5; curve v^2 = u^3 + 486662·u^2 + u, non-square 2.
 * Representatives and u-coordinates are 32 bytes, little-endian. Constant time. Any thread. */

enum { ELLIGATOR2_BYTES = 32 };

/* u = the u-coordinate that every representative has; the two top bits of it are ignored. */
void elligator2_map(uint8_t u[static ELLIGATOR2_BYTES],
                    const uint8_t representative[static ELLIGATOR2_BYTES]);

/* A representative of `u`. Bit 0 of `tweak` is the sign of v, its two top bits become those of the
 * representative; whether there is one does not depend on it.
 * Returns: 0, -ENOENT (half of all points have none; `representative` untouched). */
MUST_CHECK int elligator2_inverse(uint8_t representative[static ELLIGATOR2_BYTES],
                                  const uint8_t u[static ELLIGATOR2_BYTES], uint8_t tweak);

#endif
