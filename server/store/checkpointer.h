/* A thread that copies SQLite's write-ahead log into the database, beside the writer. */
#ifndef REUNION_STORE_CHECKPOINTER_H
#define REUNION_STORE_CHECKPOINTER_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "base/err.h"
#include "store/file_watch.h"

/* DESIGN: SQLite would copy the log on the writer's thread, after a commit whenever the log has a
 * thousand pages: every hundredth commit would take several times as long as the others, and those
 * whose posts it holds would wait. Here a thread with a connection of its own does that, while
 * commits go on. What it cannot do is begin the log anew, as there is always something in it that
 * came meanwhile; so from time to time, when the log is long, the writer copies the little that is
 * left, and the next commit writes to the log's beginning.
 *
 * Only one connection can copy at a time, which file_watch.h sees to, and nothing is copied once a
 * file was overwritten. */

enum {
    CHECKPOINT_PAGES = 1000, /* after so many new pages in the log the thread copies */
    LOG_PAGES_MAX = 8192,    /* from so many on the writer does, so that the log begins anew */
};

struct checkpointer {
    pthread_t thread;
    struct file_watch *watch;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    bool asked, stopping;
    bool started;
    sqlite3 *database; /* the thread's */
    int asked_pages;   /* of the log, when the thread was asked last; the writer's */
};

/* Start the thread, for the file at `path`, which is open already, and whose watch outlives it.
 * Returns: 0, -EAGAIN (no thread), -EIO, -ENOMEM. */
MUST_CHECK int checkpointer_start(struct checkpointer *checkpointer, const char *path,
                                  struct file_watch *watch);

/* A commit has left `pages` pages in the log. The writer's thread.
 * Returns: whether the writer should copy now (checkpointer_copy). */
bool checkpointer_note(struct checkpointer *checkpointer, int pages);

/* Copy on the writer's connection, in a mode of sqlite3_wal_checkpoint_v2, once the thread is not
 * at it. Nobody who reads is waited for. The writer's thread. Returns: 0, -EREMCHG (a file was
 * overwritten: nothing is copied), as migrate_failure. */
int checkpointer_copy(struct checkpointer *checkpointer, sqlite3 *database, int mode);

/* End the thread, after what it has been asked for; one of zeros is fine. */
void checkpointer_stop(struct checkpointer *checkpointer);

#endif
