/* A file encrypted with a passphrase, replaced atomically. */
#ifndef REUNION_STATE_SEALED_FILE_H
#define REUNION_STATE_SEALED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* DESIGN: format 1, integers big-endian:
 *
 *     mark (16)    "reunion-state" and three zero bytes
 *     format (4)   1
 *     passes (4)  memory in KiB (4)  salt (16)    of Argon2id, which gives the key
 *     nonce (24)   fresh with every writing
 *     box          XChaCha20-Poly1305, all before it as associated data, of
 *                    length (8)  content  zeros up to a multiple of 4096
 *     sum (32)     BLAKE2b of all before it
 *
 * The sum tells a damaged file from a wrong passphrase; it needs no key and proves nothing.
 *
 * Whoever takes the file can try passphrases on it, at Argon2id's price for each. Nothing that is
 * sent over the network allows that; it is the price of keeping a session.
 *
 * It is written beside itself as FILE.new with mode 0600, synced, renamed, and the folder is
 * synced: killed at any moment, the old content or the new one is there. FILE.lock keeps a second
 * program out, as long as the first one runs; it stays behind, empty. For one thread. */

struct sealed_file;

/* What Argon2id costs. */
struct sealed_file_cost {
    uint32_t passes;     /* 1 to SEALED_FILE_PASSES_MAX */
    uint32_t memory_kib; /* 8 to SEALED_FILE_MEMORY_KIB_MAX */
};

enum {
    SEALED_FILE_PASSES_MAX = 16,
    SEALED_FILE_MEMORY_KIB_MAX = 1024 * 1024,
    SEALED_FILE_BYTES_MAX = 256 * 1024 * 1024, /* larger ones are not read */
};

/* What people should have: about a second and 256 MB for each guess. */
extern const struct sealed_file_cost sealed_file_usual_cost;

/* What it is opened with; for the call only. */
struct sealed_file_key {
    const uint8_t *passphrase;
    size_t passphrase_bytes;
    struct sealed_file_cost cost; /* of a new file; one that stands has its own */
};

/* Whether a file could be opened by who has the passphrase, or be made: all that can be seen
 * without it. Changes and makes nothing. Returns: 0, or an error of sealed_file_open, but
 * -EKEYREJECTED. */
MUST_CHECK int sealed_file_look(const char *path);

/* Lock the file and read it if it stands. Changes nothing that stands, and makes no lock beside
 * what is refused without the passphrase. Returns: 0 and the file; with it its content in guarded
 * memory, to be released with secret_free, or NULL if it does not stand yet. -EBUSY (another
 * program has it), -EKEYREJECTED (another passphrase), -EBADMSG (no such file, or damaged),
 * -ENOTSUP (a newer format), -ENOLCK (what stands at FILE.lock is no file), -ELOOP (a link that
 * leads nowhere; other links are followed), -EISDIR, -EMEDIUMTYPE (no regular file), -EINVAL (an
 * empty path), -ENOMEM, or another error of the system, as it came: -ENOENT (its folder does not
 * stand), -ENAMETOOLONG, -EACCES ...
 */
MUST_CHECK int sealed_file_open(struct sealed_file **file, const char *path,
                                const struct sealed_file_key *key, uint8_t **content,
                                size_t *content_bytes);

/* Replace the content. Returns: 0; -ENOSPC (over SEALED_FILE_BYTES_MAX), -ENOMEM or another error
 * of the system, and the old one stands. */
MUST_CHECK int sealed_file_write(struct sealed_file *file, const uint8_t *content,
                                 size_t content_bytes);

/* Unlock, wipe the key and release; NULL is fine. */
void sealed_file_close(struct sealed_file *file);

#endif
