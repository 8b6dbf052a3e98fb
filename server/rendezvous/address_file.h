/* The file in which the server writes down the addresses on which it listens. */
#ifndef REUNION_RENDEZVOUS_ADDRESS_FILE_H
#define REUNION_RENDEZVOUS_ADDRESS_FILE_H

#include <limits.h>
#include <stdio.h>

#include "base/random.h"
#include "rendezvous/config.h"

/* DESIGN: readers see the file whole or not at all, so it is written beside its place under a name
 * that nobody has, and then renamed. A rename would take the place of whatever stands there, the
 * machine's /dev/null among others; so only a regular file is replaced. A symbolic link is refused
 * too: a rename replaces the link and not what it leads to, which is not what was meant. */

struct address_file {
    const char *path; /* NULL: none is written */
    char partial[PATH_MAX];
    FILE *stream; /* of the partial file; NULL: none is written */
};

/* Make the partial file for `path`, which must outlive the struct; an empty path: none. To be
 * finished or given up in any case.
 * Returns: 0, -EEXIST (something that is no regular file stands at `path`), -ELOOP (a symbolic link
 * does), -EBADF (standard output or error leads into it), -EISDIR, the system's errno. */
MUST_CHECK int address_file_begin(struct address_file *file, const char *path,
                                  const struct random_source *random);

/* Add one address. An error is told by address_file_finish. */
void address_file_add(struct address_file *file, const char *address);

/* Put the file in its place. Returns: as address_file_begin; the partial file is gone. */
MUST_CHECK int address_file_finish(struct address_file *file);

/* Remove the partial file; one that was finished, or was never begun, is fine. */
void address_file_give_up(struct address_file *file);

/* In words, for an error of the above; never NULL. */
const char *address_file_reason(int err);

#endif
