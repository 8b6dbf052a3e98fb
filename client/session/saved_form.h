/* The header of saved state: a magic, a format, and the payload it belongs to. */
#ifndef REUNION_SESSION_SAVED_FORM_H
#define REUNION_SESSION_SAVED_FORM_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/writer.h"

enum { SAVED_MAGIC_BYTES = 4 };

/* "MAGIC"  format (4, big-endian). */
void saved_form_put(struct writer *to, const uint8_t magic[static SAVED_MAGIC_BYTES],
                    uint32_t format);

/* Returns: 0; -EBADMSG (something else, or cut short), -ENOTSUP (of another version). */
MUST_CHECK int saved_form_take(struct cursor *from, const uint8_t magic[static SAVED_MAGIC_BYTES],
                               uint32_t format);

/* length (4, big-endian)  payload. */
void saved_payload_put(struct writer *to, const uint8_t *payload, size_t bytes);

/* Whether it is this payload. Returns: 0; -EBADMSG (cut short), -EPERM (another). */
MUST_CHECK int saved_payload_check(struct cursor *from, const uint8_t *payload, size_t bytes);

#endif
