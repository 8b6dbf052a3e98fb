#include "reunion/group_actions.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

/* DESIGN: the threads take chunks off one list by an atomic counter, so that none waits for
 * another; they share the secret key and nothing else. They live for one call: starting one costs
 * microseconds, a group action milliseconds. */

enum { THREADS_MAX = 256, CHUNK = 1 };

struct run {
    const uint8_t *secret;
    struct ctidh1024_exchange *exchanges;
    size_t count;
    atomic_size_t next; /* the first exchange that nobody has taken */
    atomic_bool canceled;
    const struct reunion_work *work;
};

static void work_through(struct run *run)
{
    for (;;) {
        size_t first = atomic_fetch_add(&run->next, CHUNK);
        if (first >= run->count)
            return;
        size_t taken = run->count - first < CHUNK ? run->count - first : CHUNK;
        if (run->work && run->work->canceled && run->work->canceled(run->work->state))
            atomic_store(&run->canceled, true);
        int err = ctidh1024_derive(run->secret, run->exchanges + first, taken, &random_system,
                                   &run->canceled);
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

static size_t threads_for(const struct reunion_work *work, size_t count)
{
    size_t threads = work ? work->threads : 0;
    if (threads == 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        threads = processors > 0 ? (size_t)processors : 1;
    }
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    size_t chunks = (count + CHUNK - 1) / CHUNK;
    return threads < chunks ? threads : chunks;
}

void group_actions(const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                   struct ctidh1024_exchange *exchanges, size_t count,
                   const struct reunion_work *work)
{
    struct run run = {.secret = secret, .exchanges = exchanges, .count = count, .work = work};
    pthread_t helpers[THREADS_MAX];
    size_t started = 0, threads = threads_for(work, count);

    while (started + 1 < threads &&
           pthread_create(&helpers[started], NULL, helper_thread, &run) == 0)
        started++;
    work_through(&run);
    for (size_t i = 0; i < started; i++)
        INVARIANT(pthread_join(helpers[i], NULL) == 0);
}
