/* A thread that computes for the first server's session while a person types. */
#ifndef REUNION_RENDEZVOUS_WHILE_TYPING_H
#define REUNION_RENDEZVOUS_WHILE_TYPING_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "session/preparing.h"

/* Zeros are one that was never begun. */
struct while_typing {
    struct preparing preparing; /* for session_settings, after the end */
    struct transport *transport;
    const struct transport_place *named;
    struct bucket_bounds bounds;
    unsigned threads;
    pthread_t thread;
    bool is_running;
    atomic_bool is_typed;
};

/* Begin; `transport` is the thread's until while_typing_end, `named` (or NULL) must outlive that.
 * What cannot be begun is done without. */
void while_typing_begin(struct while_typing *typing, struct transport *transport,
                        const struct transport_place *named, const struct bucket_bounds *bounds,
                        unsigned threads);

/* End the thread. What it computed is in `preparing`. A request that is under way is waited for. */
void while_typing_end(struct while_typing *typing);

#endif
