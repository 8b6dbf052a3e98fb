/* The saved form of a multi-session; multi_session.h has the format. */
#ifndef REUNION_SESSION_MULTI_SESSION_SAVED_H
#define REUNION_SESSION_MULTI_SESSION_SAVED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "session/multi_session.h"
#include "session/seen_messages.h"

/* What one session keeps; without bytes, nothing yet. */
struct multi_session_piece {
    const uint8_t *bytes;
    size_t count;
};

/* Write all down. `pieces` has one for each server.
 * Returns: 0 and `kept` in guarded memory, to be released with secret_free; -ENOMEM. */
MUST_CHECK int multi_session_saved_write(const struct multi_session_settings *settings,
                                         const struct multi_session_piece *pieces,
                                         const struct seen_messages *seen_messages, uint8_t **kept,
                                         size_t *bytes);

/* Read it: pieces point into `kept`, and are empty for servers that are new.
 * Returns: 0, -EBADMSG, -ENOTSUP, -EBUSY, -EPERM or -ENOMEM, see multi_session_resume. */
MUST_CHECK int multi_session_saved_read(const struct multi_session_settings *settings,
                                        const uint8_t *kept, size_t bytes,
                                        struct multi_session_piece *pieces,
                                        struct seen_messages *seen_messages);

#endif
