/* Unicode normalisation form C (UAX #15). */
#ifndef REUNION_WIRE_NFC_H
#define REUNION_WIRE_NFC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Normalise UTF-8 `text` of `length` bytes into `out`, which has room for `capacity`; `*bytes` is
 * how many it takes. Any thread. Returns: 0, -EBADMSG (not UTF-8), -EMSGSIZE (does not fit, or has
 * more than NFC_CODES_MAX characters when taken apart). */
enum { NFC_CODES_MAX = 1024 };
MUST_CHECK int nfc_normalise(char *out, size_t capacity, size_t *bytes, const char *text,
                             size_t length);

#endif
