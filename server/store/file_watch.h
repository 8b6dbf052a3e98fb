/* Detection of other programs that write into the database's files. */
#ifndef REUNION_STORE_FILE_WATCH_H
#define REUNION_STORE_FILE_WATCH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"

/* DESIGN: a file that is overwritten or truncated in place (by cp, or a shell's >) stays the same
 * file for SQLite, which goes on as if nothing had happened; what it then says is durable is lost.
 * What shows it is what SQLite promises of its own writing, and of every other program's that goes
 * by its locks:
 *
 * The log's last committed frame has the salt and the checksum that the index has, and the log's
 * header has that salt. The checksum is of all frames before, too. Both are read before a commit.
 *
 * The file is written by nothing but a checkpoint, which the index shows before and after. So
 * without one its size and time of change stay. If they do not, its first pages, which have a
 * secret of its own among them, are compared with those noted: they are the same if it was only
 * touched. Our own checkpoints are told here, and are made only of what is ours. Another program's
 * are taken for good as long as the file begins as a database does; while one is under way nothing
 * is said of the file.
 *
 * The index is read by read(2), as a mapping of a file that somebody cuts is a fault. No descriptor
 * of it is closed before SQLite has closed its own, whose locks would be gone. */

enum { SAMPLE_BYTES = 65536 };

struct watched_index {
    uint32_t salt[2], copied, attempted;
    bool usable; /* nobody is writing to it just now */
};

struct file_watch {
    pthread_mutex_t
        copying; /* held by the thread that copies the log into the file; of what is noted */
    int file, log, index; /* descriptors; -1: not there yet */
    bool noted;
    struct stat file_noted;
    struct watched_index index_noted;
    uint8_t sample[SAMPLE_BYTES], sample_now[SAMPLE_BYTES]; /* of the file's beginning */
    uint32_t salt_seen[2];   /* of the log when it was last found good */
    _Atomic int overwritten; /* enum watched */
};

enum watched { WATCHED_NONE, WATCHED_FILE, WATCHED_LOG, WATCHED_INDEX };

/* Begin with an open descriptor of the file, which is the caller's. */
void file_watch_init(struct file_watch *watch, int file);

/* Close the descriptors of log and index; after SQLite's. */
void file_watch_free(struct file_watch *watch);

/* Note the file as it is, when SQLite has opened it and nobody copies. */
void file_watch_note(struct file_watch *watch);

/* A commit of ours has succeeded, which may have begun the log anew. */
void file_watch_note_commit(struct file_watch *watch);

/* Look at all three files. Any thread. What was found once stays.
 * Returns: 0, -EREMCHG (`watch->overwritten` says which). */
MUST_CHECK int file_watch_check(struct file_watch *watch);

/* Look as above, and hold `copying` until file_watch_end_copy, which notes what the file has
 * become. Returns: 0, -EREMCHG (it is not held: nothing may be copied). */
MUST_CHECK int file_watch_begin_copy(struct file_watch *watch);
void file_watch_end_copy(struct file_watch *watch);

#endif
