/* A private link's blob: 256 bytes that only the passphrase opens. */
#ifndef REUNION_LINK_SEAL_H
#define REUNION_LINK_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/sizes.h"

/* Source: links.md of the specification. A blob is tag || ciphertext of XChaCha20-Poly1305 with a
 * key that seals this one link; nothing in it differs from random bytes. Any thread. */

enum {
    LINK_TEXT_BYTES_MAX = 238,
    LINK_SALT_BYTES = 16,
    LINK_KEY_BYTES = 32,
};

/* Make the key from a passphrase: Argon2id at libsodium's MODERATE cost, 256 MiB for the call;
 * takes its time on purpose. Returns: 0, -EINVAL (an empty passphrase, or one longer than libsodium
 * takes), -ENOMEM; `key` is untouched then. */
MUST_CHECK int link_key(uint8_t key[static LINK_KEY_BYTES], const uint8_t *passphrase,
                        size_t passphrase_bytes, const uint8_t salt[static LINK_SALT_BYTES]);

/* Seal a link of `bytes` bytes, at least one.
 * Returns: 0, -EMSGSIZE (none, or more than LINK_TEXT_BYTES_MAX; `blob` is untouched then). */
MUST_CHECK int link_seal(uint8_t blob[static LINK_BLOB_BYTES],
                         const uint8_t key[static LINK_KEY_BYTES], const uint8_t *text,
                         size_t bytes);

/* Open a blob; `text` has LINK_TEXT_BYTES_MAX bytes and is not terminated.
 * Returns: 0, -EBADMSG (another key, altered, or not in the form above; `text` and `bytes` are
 * untouched then). */
MUST_CHECK int link_open(uint8_t text[static LINK_TEXT_BYTES_MAX], size_t *bytes,
                         const uint8_t key[static LINK_KEY_BYTES],
                         const uint8_t blob[static LINK_BLOB_BYTES]);

/* Open whichever of `count` blobs the key opens, after trying them all, so that the time does not
 * tell which.
 * Returns: 0; -ENOENT (none of them: another passphrase, or the link is not there); -EBADMSG (more
 * than one: no honest server shows a blob twice). `text` and `bytes` are as in link_open. */
MUST_CHECK int link_open_any(uint8_t text[static LINK_TEXT_BYTES_MAX], size_t *bytes,
                             const uint8_t key[static LINK_KEY_BYTES], const uint8_t *blobs,
                             size_t count);

#endif
