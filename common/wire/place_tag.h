/* The tag that stands for a place on the wire: spec "Places". */
#ifndef REUNION_WIRE_PLACE_TAG_H
#define REUNION_WIRE_PLACE_TAG_H

#include <stdint.h>

#include "base/err.h"
#include "wire/sizes.h"

enum { PLACE_NAME_BYTES_MAX = 256 };

/* tag = H("reunion-place-v1" || name in NFC). `name` is terminated; not empty. Any thread.
 * Returns: 0, -EBADMSG (not UTF-8, or it has control characters or outer blanks), -EMSGSIZE (empty,
 * or more than PLACE_NAME_BYTES_MAX bytes). */
MUST_CHECK int place_tag(uint8_t tag[static ID_BYTES], const char *name);

#endif
