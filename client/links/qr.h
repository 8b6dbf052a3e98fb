/* A text as a QR code on the terminal. */
#ifndef REUNION_LINKS_QR_H
#define REUNION_LINKS_QR_H

#include <stddef.h>

#include "base/err.h"

/* What the largest code holds, at the lowest level of correction. */
enum { QR_BYTES_MAX = 2953 };

/* Write `text`, of at most QR_BYTES_MAX bytes, as lines of half blocks, two rows of modules in
 * each, in white on black whatever the terminal's own colours are, with a quiet zone around; and
 * say so where a terminal is too narrow for that. Copies of the text stay behind in memory of
 * libqrencode's own, which it releases without wiping: whoever can read that can read the terminal.
 * Returns: 0, -EIO (`fd` takes no more), -ENOMEM. */
MUST_CHECK int qr_show(int fd, const char *text);

#endif
