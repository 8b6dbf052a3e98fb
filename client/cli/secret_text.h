/* A passphrase or a message, in guarded memory. */
#ifndef REUNION_CLI_SECRET_TEXT_H
#define REUNION_CLI_SECRET_TEXT_H

#include <stddef.h>

#include "base/err.h"

struct secret_text {
    char *text; /* guarded, not terminated; NULL: not given */
    size_t bytes;
};

enum { SECRET_TEXT_BYTES_MAX = 65536 };

/* Copy `bytes` bytes, releasing what was there. Returns: 0, -EMSGSIZE, -ENOMEM. */
MUST_CHECK int secret_text_set(struct secret_text *secret, const char *text, size_t bytes);

/* Move a string out of argv: copied, then overwritten where it stood, so that it does not show in
 * the list of processes. Returns: as secret_text_set; it is overwritten in any case. */
MUST_CHECK int secret_text_move_argument(struct secret_text *secret, char *argument);

/* Move it to memory that is locked in this process: what fork(2) gives a child is not.
 * Returns: 0, -ENOMEM (nothing changed). */
MUST_CHECK int secret_text_renew(struct secret_text *secret);

/* Wipe and release; what remains is not given. */
void secret_text_clear(struct secret_text *secret);

#endif
