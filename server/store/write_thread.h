/* The writer's thread: it does many jobs in one commit. */
#ifndef REUNION_STORE_WRITE_THREAD_H
#define REUNION_STORE_WRITE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "base/err.h"

/* DESIGN: jobs that arrive while a commit is under way wait together for the next, which takes all
 * of them: so the cost of a synchronous write is shared, and grows no queue of its own. The
 * handler gets the whole list, outside the lock. */

struct write_job {
    STAILQ_ENTRY(write_job) next;
};

STAILQ_HEAD(write_jobs, write_job);

struct write_thread {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    struct write_jobs jobs;
    bool stopping;
    void (*handle)(void *context, struct write_jobs *jobs);
    void *context;
};

/* Start the thread. `handle` is called on it with jobs in order of submission; they are the
 * handler's. `context` must outlive the writer.
 * Returns: 0, -EAGAIN (no thread to be had). */
MUST_CHECK int write_thread_start(struct write_thread *writer,
                                  void (*handle)(void *context, struct write_jobs *jobs),
                                  void *context);

/* Hand a job over. Any thread.
 * Returns: 0 (it will be handled), -ECANCELED (stopping; the job is still the caller's). */
MUST_CHECK int write_thread_submit(struct write_thread *writer, struct write_job *job);

/* Handle what is queued, refuse the rest, end the thread. Once, of a writer that was started. */
void write_thread_stop(struct write_thread *writer);

/* Release a stopped writer, to which nobody submits any more; one of zeros is fine. */
void write_thread_free(struct write_thread *writer);

#endif
