/* The thread that checks stamps. */
#ifndef REUNION_SERVICE_CHECKER_H
#define REUNION_SERVICE_CHECKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"

/* DESIGN: checking a stamp takes half a millisecond, and anybody can send worthless stamps. So
 * one thread checks all of them, which never takes more than one core, and posts without a stamp
 * do not wait for it. Jobs wait in queues by the hash of their client's address. The queues take
 * turns, one job at a time, so a client that sends many waits for itself. Nothing that a client
 * says changes the order. Each queue and all queues together have a maximum of jobs. */

enum { CHECKER_QUEUES = 256, CHECKER_QUEUE_MAX = 256, CHECKER_JOBS_MAX = 4096 };

struct check_job {
    STAILQ_ENTRY(check_job) next;
};

STAILQ_HEAD(check_jobs, check_job);

struct check_queue {
    struct check_jobs jobs;
    uint32_t count;
    TAILQ_ENTRY(check_queue) turn; /* among those that have jobs */
};

struct checker {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    bool started, stopping;
    struct check_queue queues[CHECKER_QUEUES];
    TAILQ_HEAD(, check_queue) turns;
    uint32_t count; /* jobs in all queues */
    void (*handle)(void *context, struct check_job *job);
    void *context;
};

/* Start the thread. `handle` is called on it with each job, which is the handler's; `context` must
 * outlive the checker.
 * Returns: 0, -EAGAIN (no thread to be had). */
MUST_CHECK int checker_start(struct checker *checker,
                             void (*handle)(void *context, struct check_job *job), void *context);

/* Hand a job of a client over; `client` is a keyed hash of its address. Any thread.
 * Returns: 0 (it will be handled), -ENOSPC (too many wait), -ECANCELED (stopping); the job is still
 * the caller's then. */
MUST_CHECK int checker_submit(struct checker *checker, struct check_job *job, uint64_t client);

/* Handle what waits, refuse the rest, end the thread. Once; of one that was not started nothing. */
void checker_stop(struct checker *checker);

#endif
