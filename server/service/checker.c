#include "service/checker.h"

/* The job whose turn it is; the mutex is held, and there is one. */
static struct check_job *take_next(struct checker *checker)
{
    struct check_queue *queue = TAILQ_FIRST(&checker->turns);
    struct check_job *job = STAILQ_FIRST(&queue->jobs);
    STAILQ_REMOVE_HEAD(&queue->jobs, next);
    queue->count--;
    checker->count--;
    TAILQ_REMOVE(&checker->turns, queue, turn);
    if (queue->count > 0)
        TAILQ_INSERT_TAIL(&checker->turns, queue, turn);
    return job;
}

static void *run(void *argument)
{
    struct checker *checker = argument;
    pthread_mutex_lock(&checker->mutex);
    for (;;) {
        while (checker->count == 0 && !checker->stopping)
            pthread_cond_wait(&checker->arrived, &checker->mutex);
        if (checker->count == 0)
            break;
        struct check_job *job = take_next(checker);
        pthread_mutex_unlock(&checker->mutex);
        checker->handle(checker->context, job);
        pthread_mutex_lock(&checker->mutex);
    }
    pthread_mutex_unlock(&checker->mutex);
    return NULL;
}

int checker_start(struct checker *checker, void (*handle)(void *context, struct check_job *job),
                  void *context)
{
    *checker = (struct checker){.handle = handle, .context = context};
    TAILQ_INIT(&checker->turns);
    for (size_t i = 0; i < CHECKER_QUEUES; i++)
        STAILQ_INIT(&checker->queues[i].jobs);
    pthread_mutex_init(&checker->mutex, NULL);
    pthread_cond_init(&checker->arrived, NULL);
    if (pthread_create(&checker->thread, NULL, run, checker)) {
        pthread_cond_destroy(&checker->arrived);
        pthread_mutex_destroy(&checker->mutex);
        return -EAGAIN;
    }
    pthread_setname_np(checker->thread, "checker");
    checker->started = true;
    return 0;
}

static int enqueue(struct checker *checker, struct check_job *job, struct check_queue *queue)
{
    if (checker->stopping)
        return -ECANCELED;
    if (queue->count == CHECKER_QUEUE_MAX || checker->count == CHECKER_JOBS_MAX)
        return -ENOSPC;
    STAILQ_INSERT_TAIL(&queue->jobs, job, next);
    if (queue->count++ == 0)
        TAILQ_INSERT_TAIL(&checker->turns, queue, turn);
    checker->count++;
    return 0;
}

int checker_submit(struct checker *checker, struct check_job *job, uint64_t client)
{
    pthread_mutex_lock(&checker->mutex);
    int err = enqueue(checker, job, &checker->queues[client % CHECKER_QUEUES]);
    pthread_mutex_unlock(&checker->mutex);
    if (!err)
        pthread_cond_signal(&checker->arrived);
    return err;
}

void checker_stop(struct checker *checker)
{
    if (!checker->started)
        return;
    pthread_mutex_lock(&checker->mutex);
    checker->stopping = true;
    pthread_mutex_unlock(&checker->mutex);
    pthread_cond_signal(&checker->arrived);
    pthread_join(checker->thread, NULL);
    pthread_cond_destroy(&checker->arrived);
    pthread_mutex_destroy(&checker->mutex);
    checker->started = false;
}
