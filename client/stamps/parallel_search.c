#include "stamps/parallel_search.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { SAMPLE_TRIES = 16 }; /* of each thread */

/* One run of a search, as its threads see it. */
struct run {
    const struct stamp_goal *goal;
    const struct stop_source *stop;
    atomic_uint_fast64_t tries;
    atomic_uint_fast32_t best_effort;
    atomic_int err;
    atomic_bool over;
};

struct worker {
    struct run *run;
    struct stamp_search *search;
    pthread_t thread;
};

int parallel_search_open(struct parallel_search *search, const struct stamp_subject *subject,
                         unsigned threads, const struct random_source *random)
{
    *search = (struct parallel_search){.threads = 0};
    if (threads > PARALLEL_SEARCH_THREADS_MAX)
        threads = PARALLEL_SEARCH_THREADS_MAX;
    while (search->threads < threads &&
           stamp_search_open(&search->searches[search->threads], subject, random) == 0)
        search->threads++;
    return search->threads > 0 ? 0 : -ENOMEM;
}

bool parallel_search_is_for(const struct parallel_search *search,
                            const struct stamp_subject *subject)
{
    return search->threads > 0 &&
           memcmp(&search->searches[0].subject, subject, sizeof *subject) == 0;
}

static void note_effort(struct run *run, uint32_t effort)
{
    uint_fast32_t best = atomic_load(&run->best_effort);
    while (best < effort && !atomic_compare_exchange_weak(&run->best_effort, &best, effort))
        ;
}

static void try_until_over(struct run *run, struct stamp_search *search)
{
    static const struct stamp_goal none = {.tries = UINT64_MAX};
    while (!atomic_load(&run->over)) {
        int err = stamp_search_run(search, &none, 1, run->stop);
        if (err != -EAGAIN) {
            atomic_store(&run->err, err);
            atomic_store(&run->over, true);
            return;
        }
        note_effort(run, search->best_effort);
        uint64_t tries = atomic_fetch_add(&run->tries, 1) + 1;
        if (tries >= run->goal->tries && atomic_load(&run->best_effort) >= run->goal->effort)
            atomic_store(&run->over, true);
    }
}

static void *helper_thread(void *state)
{
    struct worker *worker = state;
    try_until_over(worker->run, worker->search);
    return NULL;
}

static void collect(struct parallel_search *search, const struct run *run)
{
    search->tries = atomic_load(&run->tries);
    for (unsigned i = 0; i < search->threads; i++) {
        const struct stamp_search *one = &search->searches[i];
        if (one->best_effort <= search->best_effort)
            continue;
        search->best_effort = one->best_effort;
        memcpy(search->best_nonce, one->best_nonce, sizeof search->best_nonce);
    }
}

int parallel_search_run(struct parallel_search *search, const struct stamp_goal *goal,
                        const struct stop_source *stop)
{
    struct run run = {
        .goal = goal, .stop = stop, .tries = search->tries, .best_effort = search->best_effort};
    struct worker helpers[PARALLEL_SEARCH_THREADS_MAX];
    unsigned started = 0;
    if (search->tries >= goal->tries && search->best_effort >= goal->effort)
        return 0;
    while (started + 1 < search->threads) {
        struct worker *helper = &helpers[started];
        *helper = (struct worker){.run = &run, .search = &search->searches[started + 1]};
        if (pthread_create(&helper->thread, NULL, helper_thread, helper) != 0)
            break;
        started++;
    }
    try_until_over(&run, &search->searches[0]);
    for (unsigned i = 0; i < started; i++)
        INVARIANT(pthread_join(helpers[i].thread, NULL) == 0);
    collect(search, &run);
    return atomic_load(&run.err);
}

int parallel_search_estimate(struct parallel_search *search, uint64_t tries,
                             const struct clock_source *clock, const struct stop_source *stop,
                             int64_t *ms)
{
    const struct stamp_goal few = {.tries = SAMPLE_TRIES * search->threads};
    if (search->tries >= few.tries)
        return -EALREADY;
    uint64_t before = search->tries;
    int64_t began_ms = clock_monotonic_ms(clock);
    int err = parallel_search_run(search, &few, stop);
    int64_t took_ms = clock_monotonic_ms(clock) - began_ms;
    if (!err)
        *ms = took_ms * (int64_t)tries / (int64_t)(search->tries - before);
    return err;
}

void parallel_search_close(struct parallel_search *search)
{
    for (unsigned i = 0; i < search->threads; i++)
        stamp_search_close(&search->searches[i]);
    *search = (struct parallel_search){.threads = 0};
}
