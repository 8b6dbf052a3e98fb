/* A text as a QR code on the terminal. */
#ifndef REUNION_LINKS_QR_H
#define REUNION_LINKS_QR_H

#include "base/err.h"

/* Write `text`, of 1 to QR_BYTES_MAX bytes (qr/qr.h), as a code, and say so where a terminal is too
 * narrow for it. Returns: 0, -EIO (`fd` takes no more), -EMSGSIZE, -ENOMEM. */
MUST_CHECK int qr_show(int fd, const char *text);

#endif
