#include "box/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 64 };

static int64_t now_ms(const struct box_loop *loop)
{
    return clock_monotonic_ms(loop->tunnels.settings->clock);
}

/* What others have left for this thread. The tunnels' own deadlines are looked at afterwards, and
 * only then is that reported. Returns: how many orders to look there are. */
static uint64_t take_orders(struct box_loop *loop)
{
    struct tunnel_list handed = TAILQ_HEAD_INITIALIZER(handed);
    struct tunnel *tunnel;
    eventfd_t unused;
    (void)eventfd_read(loop->wake, &unused);
    pthread_mutex_lock(&loop->mutex);
    TAILQ_CONCAT(&handed, &loop->handed, siblings);
    uint64_t asked = loop->asked;
    bool finish = loop->stopping && !loop->tunnels.finishing;
    pthread_mutex_unlock(&loop->mutex);
    while ((tunnel = TAILQ_FIRST(&handed))) {
        TAILQ_REMOVE(&handed, tunnel, siblings);
        tunnels_adopt(&loop->tunnels, tunnel);
    }
    if (finish)
        tunnels_finish(&loop->tunnels);
    return asked;
}

static void report_looked(struct box_loop *loop, uint64_t asked)
{
    pthread_mutex_lock(&loop->mutex);
    loop->looked = asked;
    pthread_cond_broadcast(&loop->changed);
    pthread_mutex_unlock(&loop->mutex);
}

/* How long to wait for events that come before `due_ms`. */
static int timeout_until(const struct box_loop *loop, int64_t due_ms)
{
    int64_t now = now_ms(loop);
    return due_ms == INT64_MAX        ? -1
           : due_ms <= now            ? 0
           : due_ms - now > INT32_MAX ? INT32_MAX
                                      : (int)(due_ms - now);
}

static bool is_over(const struct box_loop *loop)
{
    return loop->tunnels.finishing &&
           (tunnels_are_gone(&loop->tunnels) || now_ms(loop) >= loop->stop_ms);
}

static void *run(void *argument)
{
    struct box_loop *loop = argument;
    struct tunnels *tunnels = &loop->tunnels;
    int64_t due_ms = INT64_MAX;
    while (!is_over(loop)) {
        struct epoll_event events[EVENTS_AT_ONCE];
        if (tunnels->finishing && loop->stop_ms < due_ms)
            due_ms = loop->stop_ms;
        int count = epoll_wait(tunnels->epoll, events, EVENTS_AT_ONCE, timeout_until(loop, due_ms));
        bool ordered = false;
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                tunnels_event(events[i].data.ptr, events[i].events);
            else
                ordered = true;
        }
        uint64_t asked = ordered ? take_orders(loop) : 0;
        due_ms = tunnels_expire(tunnels);
        if (ordered)
            report_looked(loop, asked);
        tunnels_bury(tunnels);
    }
    return NULL;
}

static void init_waiting(struct box_loop *loop)
{
    clock_condition_init(&loop->changed);
    pthread_mutex_init(&loop->mutex, NULL);
}

static void release(struct box_loop *loop)
{
    tunnels_free(&loop->tunnels);
    if (loop->wake >= 0)
        close(loop->wake);
    pthread_cond_destroy(&loop->changed);
    pthread_mutex_destroy(&loop->mutex);
}

int box_loop_start(struct box_loop *loop, const struct tunnels_settings *settings)
{
    struct epoll_event woken = {.events = EPOLLIN, .data.ptr = NULL};
    *loop = (struct box_loop){.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    TAILQ_INIT(&loop->handed);
    if (tunnels_init(&loop->tunnels, settings)) {
        if (loop->wake >= 0)
            close(loop->wake);
        return -EAGAIN;
    }
    init_waiting(loop);
    if (loop->wake < 0 || epoll_ctl(loop->tunnels.epoll, EPOLL_CTL_ADD, loop->wake, &woken) ||
        pthread_create(&loop->thread, NULL, run, loop)) {
        release(loop);
        return -EAGAIN;
    }
    pthread_setname_np(loop->thread, "box");
    return 0;
}

static void wake(struct box_loop *loop)
{
    INVARIANT(eventfd_write(loop->wake, 1) == 0);
}

void box_loop_take(struct box_loop *loop, struct tunnel *tunnel)
{
    pthread_mutex_lock(&loop->mutex);
    TAILQ_INSERT_TAIL(&loop->handed, tunnel, siblings);
    pthread_mutex_unlock(&loop->mutex);
    wake(loop);
}

int box_loop_look(struct box_loop *loop, int64_t timeout_ms)
{
    struct timespec until = clock_deadline(timeout_ms);
    int code = 0;
    pthread_mutex_lock(&loop->mutex);
    uint64_t wanted = ++loop->asked;
    pthread_mutex_unlock(&loop->mutex);
    wake(loop);
    pthread_mutex_lock(&loop->mutex);
    while (loop->looked < wanted && code == 0)
        code = pthread_cond_timedwait(&loop->changed, &loop->mutex, &until);
    int err = loop->looked < wanted ? -EAGAIN : 0;
    pthread_mutex_unlock(&loop->mutex);
    return err;
}

/* The thread reads `stop_ms` only after it has seen the order under the mutex. */
void box_loop_finish(struct box_loop *loop, int64_t timeout_ms)
{
    pthread_mutex_lock(&loop->mutex);
    loop->stop_ms = now_ms(loop) + timeout_ms;
    loop->stopping = true;
    pthread_mutex_unlock(&loop->mutex);
    wake(loop);
}

void box_loop_stop(struct box_loop *loop)
{
    pthread_join(loop->thread, NULL);
    release(loop);
}
