/* The files of one SQLite database, held so that nobody else's are taken for them. */
#ifndef REUNION_STORE_DATABASE_FILES_H
#define REUNION_STORE_DATABASE_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"

/* DESIGN: SQLite goes on with the descriptors it has when somebody deletes, moves or replaces the
 * files behind their names: every commit succeeds, and all is gone when the program ends. So the
 * names are compared with what was opened before each commit. This is three calls of stat(2), which
 * touch no disk. Nothing is opened anew: when the very files are back, commits go on. For the
 * thread of the store. */

struct database_files {
    char *path, *log_path, *index_path; /* FILE, FILE-wal, FILE-shm */
    int lock;                           /* descriptor of FILE, locked; -1: none */
    struct stat log, index;             /* as opened; of zeros while there is none */
};

/* Open the file at `path`, made with mode 0600 if there is none, and lock it. The files are to be
 * closed in any case.
 * Returns: 0, -EBUSY (another server holds it), -EINVAL (no regular file), -EBADF (standard output
 * or error leads into it), what open(2) gives, -ENOMEM. */
MUST_CHECK int database_files_open(struct database_files *files, const char *path);

/* Remember the two files beside it, which SQLite has opened by now. */
void database_files_note(struct database_files *files);

/* Whether each name still leads to the file that was opened.
 * Returns: 0, -ESTALE (one was deleted, moved or replaced), what stat(2) gives. */
MUST_CHECK int database_files_check(struct database_files *files);

/* Whether the log may be folded into the file and removed by its name: that removes nobody else's.
 */
bool database_files_are_ours(const struct database_files *files);

/* Bytes of the file and its log. */
uint64_t database_files_bytes(const struct database_files *files);

/* Release it; the last thing of a database, as closing any descriptor of the file drops SQLite's
 * own locks on it. */
void database_files_close(struct database_files *files);

#endif
