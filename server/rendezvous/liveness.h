/* Checks that every thread which requests depend on still works. */
#ifndef REUNION_RENDEZVOUS_LIVENESS_H
#define REUNION_RENDEZVOUS_LIVENESS_H

#include <pthread.h>
#include <stdbool.h>

#include "http/listener.h"
#include "service/service.h"

/* DESIGN: what is asked is whether the threads run, not whether the disk has room: starting anew
 * would not help against that. So a write that fails is a sign of life too. */

struct liveness {
    struct service *service;
    struct listener *listener;
    pthread_mutex_t mutex;
    pthread_cond_t done;
    bool under_way; /* the writer has the probe */
    struct post probe;
};

/* Both must outlive the liveness, and the service must have been stopped before it is freed. */
void liveness_init(struct liveness *liveness, struct service *service, struct listener *listener);
void liveness_free(struct liveness *liveness);

/* Whether the writer and every serving thread have answered within `timeout_ms`, each. One thread
 * at a time; between listener_start and listener_quiesce. */
bool liveness_check(struct liveness *liveness, int timeout_ms);

#endif
