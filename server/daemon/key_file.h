/* The file of the server's lasting key. */
#ifndef REUNION_DAEMON_KEY_FILE_H
#define REUNION_DAEMON_KEY_FILE_H

#include "base/err.h"
#include "base/random.h"
#include "box/handshake.h"

/* DESIGN: the file holds Ss, 32 bytes, in base64 with padding on one line, and only its owner may
 * read it. Whoever reads it can pose as the server, and whoever has it lost has lost the address
 * that clients know; so a file that is not as it should be is never mended or replaced. A new one
 * appears whole, or not at all. A symbolic link is followed. */

enum { KEY_FILE_TEXT_BYTES = 45 }; /* base64 of 32 bytes, with the terminating zero */

/* Read the key pair. `identity` is in guarded memory (secret.h). Any thread.
 * Returns: 0; -ENOENT (there is no file), -EINVAL (no regular file), -EKEYREJECTED (others than its
 * owner may read or write it), -EBADMSG (not 32 bytes in base64), or the system's errno; `identity`
 * is untouched then. */
MUST_CHECK int key_file_read(struct box_identity *identity, const char *path);

/* Make a key pair, and the file. Any thread.
 * Returns: 0; -EEXIST (something stands there, perhaps a symbolic link that leads nowhere; it is
 * left alone), -ENAMETOOLONG, or the system's errno; `identity` is untouched then. */
MUST_CHECK int key_file_make(struct box_identity *identity, const char *path,
                             const struct random_source *random);

/* In words, for an error of the above; never NULL. */
const char *key_file_reason(int err);

#endif
