#include "lib/service_clock.h"

#include <semaphore.h>

#include "base/owner_of.h"
#include "service/state.h"

struct awaited_post {
    struct post post;
    sem_t done;
};

static void awaited_done(struct post *post)
{
    sem_post(&OWNER_OF(post, struct awaited_post, post)->done);
}

/* One step of what is due. Returns: whether it succeeded. */
static bool await_time(struct service *service)
{
    struct awaited_post awaited = {.post = {.kind = &post_time, .done = awaited_done}};
    if (sem_init(&awaited.done, 0, 0) || service_submit(service, &awaited.post))
        return false;
    while (sem_wait(&awaited.done))
        ;
    sem_destroy(&awaited.done);
    return awaited.post.outcome == POST_STORED;
}

void service_clock_was_set(struct service *service)
{
    while (await_time(service) && atomic_load(&service->time_is_due))
        ;
    waiters_wake_due(&service->waiters, clock_monotonic_ms(service->clock));
    timer_look(service);
}
