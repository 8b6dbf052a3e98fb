/* The files of one SQLite database: locked, and checked to be ours. */
#ifndef REUNION_STORE_DATABASE_FILES_H
#define REUNION_STORE_DATABASE_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "store/file_watch.h"

/* DESIGN: SQLite goes on with the descriptors it has when somebody deletes, moves or replaces the
 * files behind their names: every commit succeeds, and all is gone when the program ends. So the
 * names are compared with what was opened before each commit. This is three calls of stat(2), which
 * touch no disk. Nothing is opened anew: when the very files are back, commits go on. What is done
 * to the files in place is seen by file_watch.h. For the thread of the store. */

struct database_files {
    char *path;                  /* as it was given */
    char *log_path, *index_path; /* FILE-wal, FILE-shm, FILE being where links lead to */
    int lock;                    /* descriptor of FILE, locked; -1: none */
    struct stat log, index;      /* as opened; of zeros while there is none */
    struct file_watch watch;
    const char *blamed; /* of the three, the name with which the last check failed; or NULL */
};

/* Open the file at `path`, made with mode 0600 if there is none, and lock it. The files are to be
 * closed in any case.
 * Returns: 0, -EBUSY (another server holds it), -EINVAL (no regular file), -EBADF (standard output
 * or error leads into it), what open(2) gives, -ENOMEM. */
MUST_CHECK int database_files_open(struct database_files *files, const char *path);

/* Remember the two files beside it, which SQLite has opened by now. */
void database_files_note(struct database_files *files);

/* Whether each name still leads to the file that was opened, and each is as SQLite left it.
 * Returns: 0, -ESTALE (one was deleted, moved or replaced), -EREMCHG (one was overwritten or
 * truncated, and stays so), what stat(2) gives. `files->blamed` says which. */
MUST_CHECK int database_files_check(struct database_files *files);

/* Whether the log may be folded into the file and removed by its name: that removes nobody else's,
 * and neither of the two was overwritten. */
bool database_files_are_ours(struct database_files *files);

/* Remove the log of a file that was overwritten, or one that was overwritten itself, when SQLite
 * has closed it: it would be folded into what it does not belong to. */
void database_files_drop_log(const struct database_files *files);

/* Bytes of the file and its log. */
uint64_t database_files_bytes(const struct database_files *files);

/* Release it; the last thing of a database, as closing any descriptor of the file drops SQLite's
 * own locks on it. */
void database_files_close(struct database_files *files);

#endif
