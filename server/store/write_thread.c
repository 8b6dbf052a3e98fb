#include "store/write_thread.h"

static void *run(void *argument)
{
    struct writer *writer = argument;
    pthread_mutex_lock(&writer->mutex);
    for (;;) {
        while (STAILQ_EMPTY(&writer->jobs) && !writer->stopping)
            pthread_cond_wait(&writer->arrived, &writer->mutex);
        if (STAILQ_EMPTY(&writer->jobs))
            break;
        struct writer_jobs detached = STAILQ_HEAD_INITIALIZER(detached);
        STAILQ_CONCAT(&detached, &writer->jobs);
        pthread_mutex_unlock(&writer->mutex);
        writer->handle(writer->context, &detached);
        pthread_mutex_lock(&writer->mutex);
    }
    pthread_mutex_unlock(&writer->mutex);
    return NULL;
}

int writer_start(struct writer *writer, void (*handle)(void *context, struct writer_jobs *jobs),
                 void *context)
{
    *writer = (struct writer){.handle = handle, .context = context};
    STAILQ_INIT(&writer->jobs);
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->arrived, NULL);
    if (pthread_create(&writer->thread, NULL, run, writer)) {
        writer_free(writer);
        return -EAGAIN;
    }
    pthread_setname_np(writer->thread, "writer");
    return 0;
}

int writer_submit(struct writer *writer, struct writer_job *job)
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

void writer_stop(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    writer->stopping = true;
    pthread_mutex_unlock(&writer->mutex);
    pthread_cond_signal(&writer->arrived);
    pthread_join(writer->thread, NULL);
}

void writer_free(struct writer *writer)
{
    if (!writer->handle)
        return;
    pthread_cond_destroy(&writer->arrived);
    pthread_mutex_destroy(&writer->mutex);
    writer->handle = NULL;
}
