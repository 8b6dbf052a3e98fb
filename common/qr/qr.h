/* A text as a QR code made of characters, for a terminal. */
#ifndef REUNION_QR_QR_H
#define REUNION_QR_QR_H

#include <stddef.h>

#include "base/err.h"

/* Source: ISO/IEC 18004; the code itself is libqrencode's. */

/* What the largest code holds, at the lowest level of correction. */
enum { QR_BYTES_MAX = 2953 };

struct qr_picture {
    char *text; /* UTF-8 lines, terminated */
    size_t bytes;
    int columns; /* of each line */
};

/* Draw `content`, of 1 to QR_BYTES_MAX bytes, as lines of half blocks, two rows of modules in each,
 * in white on black whatever the terminal's own colours are, with a quiet zone around. Copies of
 * the content stay behind in memory of libqrencode's own, which it releases without wiping: whoever
 * can read that can read the terminal. Any thread.
 * Returns: 0 (the picture is for qr_free), -EMSGSIZE (more than a code holds, or nothing), -ENOMEM.
 */
MUST_CHECK int qr_draw(struct qr_picture *picture, const char *content);

/* Wipe a picture, and release it. */
void qr_free(struct qr_picture *picture);

#endif
