/* Multiples of a point of Curve25519 by its u-coordinate, in constant time. */
#ifndef REUNION_CRYPTO_LADDER25519_H
#define REUNION_CRYPTO_LADDER25519_H

#include "crypto/fe25519.h"

/* u of scalar·P for the point P with that `base`, over all 256 bits of the little-endian scalar; 0
 * for the point at infinity. Source: RFC 7748, section 5. Any thread. */
void ladder25519(uint8_t u[static 32], const uint8_t scalar[static 32], struct fe25519 base);

#endif
