#include "lib/test.h"

#include <semaphore.h>
#include <stdbool.h>

#include "store/write_thread.h"

enum { THREADS = 4, JOBS = 5000 };

struct job {
    struct write_job job;
    int thread, number;
    int handled;
};

static struct job jobs[THREADS][JOBS];
static int next_number[THREADS]; /* the handler's */
static int lists;                /* the handler's */
static sem_t may_handle;
static struct write_thread writer;

static void handle(void *context, struct write_jobs *list)
{
    struct write_job *each;
    (void)context;
    lists++;
    STAILQ_FOREACH(each, list, next)
    {
        struct job *job = (struct job *)(void *)each;
        INVARIANT(job->number == next_number[job->thread]);
        next_number[job->thread]++;
        job->handled++;
    }
}

static void *submit_all(void *argument)
{
    struct job *mine = argument;
    for (int i = 0; i < JOBS; i++)
        INVARIANT(write_thread_submit(&writer, &mine[i].job) == 0);
    return NULL;
}

static void every_job_is_handled_once_and_in_turn(void **state)
{
    pthread_t threads[THREADS];
    (void)state;
    assert_int_equal(write_thread_start(&writer, handle, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        for (int j = 0; j < JOBS; j++)
            jobs[i][j] = (struct job){.thread = i, .number = j};
        assert_int_equal(pthread_create(&threads[i], NULL, submit_all, jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    write_thread_stop(&writer);
    assert_int_equal(write_thread_submit(&writer, &jobs[0][0].job), -ECANCELED);
    write_thread_free(&writer);
    for (int i = 0; i < THREADS; i++)
        for (int j = 0; j < JOBS; j++)
            assert_int_equal(jobs[i][j].handled, 1);
}

static void handle_when_reported(void *context, struct write_jobs *list)
{
    while (sem_wait(&may_handle))
        ;
    handle(context, list);
}

static void what_comes_meanwhile_waits_together(void **state)
{
    (void)state;
    lists = 0;
    next_number[0] = 0;
    sem_init(&may_handle, 0, 0);
    assert_int_equal(write_thread_start(&writer, handle_when_reported, NULL), 0);
    for (int j = 0; j < 100; j++) {
        jobs[0][j] = (struct job){.number = j};
        assert_int_equal(write_thread_submit(&writer, &jobs[0][j].job), 0);
    }
    for (int i = 0; i < 100; i++)
        sem_post(&may_handle);
    write_thread_stop(&writer);
    assert_int_equal(write_thread_submit(&writer, &jobs[0][0].job), -ECANCELED);
    write_thread_free(&writer);
    assert_int_equal(next_number[0], 100);
    /* The first list has those that were there when the thread looked; a second one has the rest,
     * if the thread looked before all were. */
    assert_in_range(lists, 1, 2);
    sem_destroy(&may_handle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_is_handled_once_and_in_turn),
        cmocka_unit_test(what_comes_meanwhile_waits_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
