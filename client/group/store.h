/* The files of groups, one for each. */
#ifndef REUNION_CLIENT_GROUP_STORE_H
#define REUNION_CLIENT_GROUP_STORE_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/random.h"
#include "group/device.h"
#include "state/sealed_file.h"

/* DESIGN: the folder is $XDG_STATE_HOME/reunion/groups, made with mode 0700. A group NAME has the
 * file NAME.group, in which bytes other than letters, digits, - and _ are %xx: a sealed file
 * (state/sealed_file.h), so it has mode 0600 and is replaced as a whole. Without a passphrase it is
 * sealed with an empty one at the lowest cost, which protects nothing and still shows damage. Its
 * content: "RGFI", format 1 (4), length (2) and text of the server's address, the device. */

enum {
    STORE_SERVER_BYTES_MAX = 1024,
    STORE_NAME_BYTES_MAX = GROUP_NAME_BYTES_MAX,
    STORE_LOCK_PATIENCE_MS = 20 * 1000,
};

struct store {
    char folder[PATH_MAX];
    const uint8_t *passphrase; /* of sealed files, the caller's; NULL: none */
    size_t passphrase_bytes;
};

/* A group that is open. Nobody else has it meanwhile. */
struct stored {
    struct sealed_file *file;
    char path[PATH_MAX];
    char server[STORE_SERVER_BYTES_MAX + 1];
    struct device *device;
};

/* Find the folder, and make it if it is not there; `passphrase` is set by the caller afterwards.
 * Returns: 0; -ENOENT (neither XDG_STATE_HOME nor HOME is an absolute path), -ENAMETOOLONG, or
 * another error of the system with `folder` naming what could not be made. */
MUST_CHECK int store_open(struct store *store);

/* Open a group. Returns: 0; -ENOENT (there is none); -EBUSY (another program has it);
 * -EKEYREJECTED (it is sealed with a passphrase, or another one); -EBADMSG (damaged), -ENOTSUP (a
 * newer format); -ENOMEM, or another error of the system. To be closed then too. */
MUST_CHECK int stored_open(struct stored *stored, const struct store *store, const char *name,
                           const struct random_source *random);

/* Begin a file for a new group, whose device is taken over, with an error too, and save it.
 * Returns: 0, -EEXIST (there is one of that name), or as stored_open. To be closed then too. */
MUST_CHECK int stored_create(struct stored *stored, const struct store *store, const char *name,
                             const char *server, struct device *device);

/* Write it. Returns: 0, or an error of the system, and what was written before stands. */
MUST_CHECK int stored_save(struct stored *stored);

/* Give the file of a group another name. Returns: 0, -EEXIST (it is taken), or an error of the
 * system. */
MUST_CHECK int store_rename(const struct store *store, const char *from, const char *to);
/* Remove the file of a group that is not open. Returns: 0, or an error of the system. */
MUST_CHECK int store_remove(const struct store *store, const char *name);

/* Release; one of zeros is fine. */
void stored_close(struct stored *stored);

/* The names of all groups, sorted, in an array of `count` that is to be released as a whole by
 * store_names_free. Returns: 0, -ENOMEM, or an error of the system. */
MUST_CHECK int store_names(const struct store *store, char ***names, size_t *count);
void store_names_free(char **names, size_t count);

#endif
