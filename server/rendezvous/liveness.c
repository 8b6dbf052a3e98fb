#include "rendezvous/liveness.h"

#include "base/owner_of.h"

void liveness_init(struct liveness *liveness, struct service *service, struct listener *listener)
{
    *liveness = (struct liveness){.service = service, .listener = listener};
    clock_condition_init(&liveness->done);
    pthread_mutex_init(&liveness->mutex, NULL);
}

void liveness_free(struct liveness *liveness)
{
    INVARIANT(!liveness->under_way);
    pthread_cond_destroy(&liveness->done);
    pthread_mutex_destroy(&liveness->mutex);
}

static void probe_done(struct post *post)
{
    struct liveness *liveness = OWNER_OF(post, struct liveness, probe);
    pthread_mutex_lock(&liveness->mutex);
    liveness->under_way = false;
    pthread_cond_signal(&liveness->done);
    pthread_mutex_unlock(&liveness->mutex);
}

/* A probe that the writer still has from an earlier time is waited for, and no other one made. */
static bool writer_answers(struct liveness *liveness, int timeout_ms)
{
    struct timespec until = clock_deadline(timeout_ms);
    int code = 0;
    pthread_mutex_lock(&liveness->mutex);
    bool submit = !liveness->under_way;
    liveness->under_way = true;
    pthread_mutex_unlock(&liveness->mutex);
    if (submit) {
        liveness->probe = (struct post){.kind = &post_probe, .done = probe_done};
        if (service_submit(liveness->service, &liveness->probe))
            probe_done(&liveness->probe);
    }
    pthread_mutex_lock(&liveness->mutex);
    while (liveness->under_way && code == 0)
        code = pthread_cond_timedwait(&liveness->done, &liveness->mutex, &until);
    bool answered = !liveness->under_way;
    pthread_mutex_unlock(&liveness->mutex);
    return answered;
}

bool liveness_check(struct liveness *liveness, int timeout_ms)
{
    return writer_answers(liveness, timeout_ms) &&
           listener_answers(liveness->listener, timeout_ms) == 0;
}
