#include "reunion/group_actions.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

/* DESIGN: the threads take chunks off one list by an atomic counter, so that none waits for
 * another; they share the secret key and nothing else. They live for one call: starting one costs
 * microseconds, a group action milliseconds. A chunk is a multiple of what the engine does at once,
 * and more than one of these where there is enough work for all threads. */

enum { THREADS_MAX = 256, VECTORS_MAX = 4 };

struct run {
    const uint8_t *secret;
    struct ctidh1024_exchange *exchanges;
    size_t count;
    size_t chunk;
    atomic_size_t next; /* the first exchange that nobody has taken */
    atomic_bool canceled;
    const struct reunion_work *work;
};

static bool is_canceled(void *state)
{
    struct run *run = state;
    const struct reunion_work *work = run->work;
    if (!atomic_load(&run->canceled) && work && work->canceled && work->canceled(work->state))
        atomic_store(&run->canceled, true);
    return atomic_load(&run->canceled);
}

static void work_through(struct run *run)
{
    const struct ctidh1024_cancel cancel = {is_canceled, run};
    for (;;) {
        size_t first = atomic_fetch_add(&run->next, run->chunk);
        if (first >= run->count)
            return;
        size_t taken = run->count - first < run->chunk ? run->count - first : run->chunk;
        int err =
            ctidh1024_derive(run->secret, run->exchanges + first, taken, &random_system, &cancel);
        INVARIANT(err != -EINVAL);
        for (size_t i = 0; err && i < taken; i++)
            run->exchanges[first + i].status = err;
    }
}

static void *helper_thread(void *run)
{
    work_through(run);
    return NULL;
}

static size_t threads_wished(const struct reunion_work *work)
{
    size_t threads = work ? work->threads : 0;
    if (threads == 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        threads = processors > 0 ? (size_t)processors : 1;
    }
    return threads < THREADS_MAX ? threads : THREADS_MAX;
}

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

/* Gives every thread the same number of chunks, the larger the better; but few keys are done
 * soonest one by one on all threads. */
static size_t chunk_for(size_t threads, size_t count)
{
    size_t lanes = ctidh1024_lanes();
    if (lanes == 1)
        return 1;
    if (count <= threads * CTIDH1024_FEW)
        return divide_up(count, threads);
    size_t vectors = divide_up(count, lanes);
    size_t rounds = divide_up(vectors, threads * VECTORS_MAX);
    return lanes * divide_up(vectors, threads * rounds);
}

void group_actions(const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                   struct ctidh1024_exchange *exchanges, size_t count,
                   const struct reunion_work *work)
{
    if (count == 0)
        return;
    size_t started = 0, threads = threads_wished(work);
    struct run run = {.secret = secret,
                      .exchanges = exchanges,
                      .count = count,
                      .chunk = chunk_for(threads, count),
                      .work = work};
    pthread_t helpers[THREADS_MAX];
    size_t chunks = divide_up(count, run.chunk);
    if (threads > chunks)
        threads = chunks;

    while (started + 1 < threads &&
           pthread_create(&helpers[started], NULL, helper_thread, &run) == 0)
        started++;
    work_through(&run);
    for (size_t i = 0; i < started; i++)
        INVARIANT(pthread_join(helpers[i], NULL) == 0);
}
