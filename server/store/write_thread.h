/* One thread through which all writing goes, many jobs at a time. */
#ifndef REUNION_STORE_WRITE_THREAD_H
#define REUNION_STORE_WRITE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "base/err.h"

/* DESIGN: jobs that arrive while a commit is under way wait together for the next, which takes all
 * of them: so the cost of a synchronous write is shared, and grows no queue of its own. The
 * handler gets the whole list, outside the lock. */

struct writer_job {
    STAILQ_ENTRY(writer_job) next;
};

STAILQ_HEAD(writer_jobs, writer_job);

struct writer {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    struct writer_jobs jobs;
    bool stopping;
    void (*handle)(void *context, struct writer_jobs *jobs);
    void *context;
};

/* Start the thread. `handle` is called on it with jobs in order of submission; they are the
 * handler's. `context` must outlive the writer.
 * Returns: 0, -EAGAIN (no thread to be had). */
MUST_CHECK int writer_start(struct writer *writer,
                            void (*handle)(void *context, struct writer_jobs *jobs), void *context);

/* Hand a job over. Any thread.
 * Returns: 0 (it will be handled), -ECANCELED (stopping; the job is still the caller's). */
MUST_CHECK int writer_submit(struct writer *writer, struct writer_job *job);

/* Handle what is queued, refuse the rest, end the thread. Once, of a writer that was started. */
void writer_stop(struct writer *writer);

/* Release a stopped writer, to which nobody submits any more; one of zeros is fine. */
void writer_free(struct writer *writer);

#endif
