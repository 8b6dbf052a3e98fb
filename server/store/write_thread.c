#include "store/write_thread.h"

static void *run(void *argument)
{
    struct write_thread *writer = argument;
    pthread_mutex_lock(&writer->mutex);
    for (;;) {
        while (STAILQ_EMPTY(&writer->jobs) && !writer->stopping)
            pthread_cond_wait(&writer->arrived, &writer->mutex);
        if (STAILQ_EMPTY(&writer->jobs))
            break;
        struct write_jobs detached = STAILQ_HEAD_INITIALIZER(detached);
        STAILQ_CONCAT(&detached, &writer->jobs);
        pthread_mutex_unlock(&writer->mutex);
        writer->handle(writer->context, &detached);
        pthread_mutex_lock(&writer->mutex);
    }
    pthread_mutex_unlock(&writer->mutex);
    return NULL;
}

int write_thread_start(struct write_thread *writer,
                       void (*handle)(void *context, struct write_jobs *jobs), void *context)
{
    *writer = (struct write_thread){.handle = handle, .context = context};
    STAILQ_INIT(&writer->jobs);
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->arrived, NULL);
    if (pthread_create(&writer->thread, NULL, run, writer)) {
        write_thread_free(writer);
        return -EAGAIN;
    }
    pthread_setname_np(writer->thread, "writer");
    return 0;
}

int write_thread_submit(struct write_thread *writer, struct write_job *job)
{
    int err = 0;
    pthread_mutex_lock(&writer->mutex);
    bool was_empty = STAILQ_EMPTY(&writer->jobs);
    if (writer->stopping)
        err = -ECANCELED;
    else
        STAILQ_INSERT_TAIL(&writer->jobs, job, next);
    pthread_mutex_unlock(&writer->mutex);
    if (!err && was_empty)
        pthread_cond_signal(&writer->arrived);
    return err;
}

void write_thread_stop(struct write_thread *writer)
{
    pthread_mutex_lock(&writer->mutex);
    writer->stopping = true;
    pthread_mutex_unlock(&writer->mutex);
    pthread_cond_signal(&writer->arrived);
    pthread_join(writer->thread, NULL);
}

void write_thread_free(struct write_thread *writer)
{
    if (!writer->handle)
        return;
    pthread_cond_destroy(&writer->arrived);
    pthread_mutex_destroy(&writer->mutex);
    writer->handle = NULL;
}
