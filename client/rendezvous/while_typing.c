#include "rendezvous/while_typing.h"

#include <signal.h>

#include "base/clock.h"

static int is_typed(void *state)
{
    struct while_typing *typing = state;
    return atomic_load(&typing->is_typed);
}

static void *prepare(void *state)
{
    struct while_typing *typing = state;
    const struct reunion_work work = {
        .threads = typing->threads, .canceled = is_typed, .state = typing};
    preparing_read(&typing->preparing, typing->transport, typing->named, &typing->bounds,
                   clock_wall_s(&clock_system));
    preparing_compute(&typing->preparing, typing->threads * reunion_t1s_at_once(), &random_system,
                      &work);
    return NULL;
}

void while_typing_begin(struct while_typing *typing, struct transport *transport,
                        const struct transport_place *named, const struct bucket_bounds *bounds,
                        unsigned threads)
{
    typing->transport = transport;
    typing->named = named;
    typing->bounds = *bounds;
    typing->threads = threads;
    atomic_init(&typing->is_typed, false);
    /* A signal that gives the terminal back is for the thread that reads from it. */
    sigset_t all, before;
    sigfillset(&all);
    INVARIANT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    typing->is_running = preparing_open(&typing->preparing) == 0 &&
                         pthread_create(&typing->thread, NULL, prepare, typing) == 0;
    INVARIANT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
}

void while_typing_end(struct while_typing *typing)
{
    if (!typing->is_running)
        return;
    atomic_store(&typing->is_typed, true);
    INVARIANT(pthread_join(typing->thread, NULL) == 0);
    typing->is_running = false;
}
