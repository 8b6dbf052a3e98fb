/* The extendable-output function SHAKE-256. */
#ifndef REUNION_CTIDH_SHAKE256_H
#define REUNION_CTIDH_SHAKE256_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The first out_bytes of SHAKE-256(in). Source: FIPS 202, through libcrypto. Any thread.
 * Returns: 0, -ENOMEM. */
MUST_CHECK int shake256(uint8_t *out, size_t out_bytes, const uint8_t *in, size_t in_bytes);

#endif
