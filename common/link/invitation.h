/* Invitations: the text that a private link's creator hands over so that it can be opened. */
#ifndef REUNION_LINK_INVITATION_H
#define REUNION_LINK_INVITATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "link/seal.h"
#include "wire/sizes.h"

/* Source: links.md of the specification.
 *
 *     reunion-link:v1?server=URL&bucket=64 hex digits&salt=32 hex digits#passphrase
 *
 * The part after "#" is left out where the passphrase goes another way. URL and passphrase have
 * "%" and two hex digits in place of every byte that RFC 3986 does not allow there, and of "&".
 * Any thread. */

enum {
    INVITATION_SERVER_BYTES = 1024,     /* with the terminating zero */
    INVITATION_PASSPHRASE_BYTES = 1024, /* the same */
    INVITATION_TEXT_BYTES = 8192,       /* of the whole, with the terminating zero */
};

struct invitation {
    char server[INVITATION_SERVER_BYTES];
    uint8_t bucket[ID_BYTES]; /* its link */
    uint8_t salt[LINK_SALT_BYTES];
    char passphrase[INVITATION_PASSPHRASE_BYTES]; /* secret; empty: it goes another way */
};

/* Read an invitation of `bytes` bytes; white space around it is passed over, as people paste it.
 * Returns: 0; -ENOTSUP (an invitation of another version); -EBADMSG (no invitation: a part is
 * missing, unknown, given twice or malformed); `invitation` is untouched then. */
MUST_CHECK int invitation_parse(struct invitation *invitation, const char *text, size_t bytes);

/* Write an invitation; what is written reads back as the same. Strings are terminated. */
void invitation_print(char text[static INVITATION_TEXT_BYTES], const struct invitation *invitation);

/* Overwrite it, passphrase and all. */
void invitation_wipe(struct invitation *invitation);

#endif
