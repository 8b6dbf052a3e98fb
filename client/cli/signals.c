#include "cli/signals.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"

/* DESIGN: nothing is ever read from these descriptors, so that a request to stop stays visible to
 * every thread and every poll, and there is no handler and no flag. */

static bool join(int either, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    return fd >= 0 && epoll_ctl(either, EPOLL_CTL_ADD, fd, &event) == 0;
}

int signals_open(struct signals *signals)
{
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGHUP);
    struct signals opened = {
        .either = epoll_create1(EPOLL_CLOEXEC),
        .signal = signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK),
        .timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK),
    };
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigprocmask(SIG_BLOCK, &stops, NULL) ||
        opened.either < 0 || !join(opened.either, opened.signal) ||
        !join(opened.either, opened.timer)) {
        int err = -errno;
        signals_close(&opened);
        return err;
    }
    *signals = opened;
    return 0;
}

int signals_stop_after(struct signals *signals, int64_t seconds)
{
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)seconds}}, set;
    if (timerfd_gettime(signals->timer, &set))
        return -errno;
    bool due = set.it_value.tv_sec > 0 || set.it_value.tv_nsec > 0;
    if (due && set.it_value.tv_sec < when.it_value.tv_sec)
        return 0;
    return timerfd_settime(signals->timer, 0, &when, NULL) ? -errno : 0;
}

void signals_stop_not(struct signals *signals)
{
    struct itimerspec never = {0};
    INVARIANT(timerfd_settime(signals->timer, 0, &never, NULL) == 0);
}

void signals_stop_now(struct signals *signals)
{
    struct itimerspec when = {.it_value = {.tv_nsec = 1}};
    INVARIANT(timerfd_settime(signals->timer, 0, &when, NULL) == 0);
}

int signals_divert(struct signals *signals)
{
    int requests = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), diverted = signals->signal;
    if (!join(signals->either, requests)) {
        if (requests >= 0)
            close(requests);
        return -EIO;
    }
    INVARIANT(epoll_ctl(signals->either, EPOLL_CTL_DEL, diverted, NULL) == 0);
    signals->signal = requests;
    return diverted;
}

void signals_interrupt(const struct signals *signals)
{
    INVARIANT(eventfd_write(signals->signal, 1) == 0);
}

static bool is_readable(int fd, int wait_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, wait_ms) > 0;
}

static int wait_for_stop(void *state, int64_t ms)
{
    const struct signals *signals = state;
    if (ms <= 0)
        return is_readable(signals->either, 0) ? -ECANCELED : 0;
    int64_t until = clock_monotonic_ms(&clock_system) + ms;
    for (int64_t left = ms; left > 0; left = until - clock_monotonic_ms(&clock_system))
        if (is_readable(signals->either, left < INT_MAX ? (int)left : INT_MAX))
            return -ECANCELED;
    return 0;
}

struct stop_source signals_source(struct signals *signals)
{
    return (struct stop_source){wait_for_stop, signals, signals->either};
}

enum stop_cause signals_cause(const struct signals *signals)
{
    if (is_readable(signals->signal, 0))
        return STOP_INTERRUPTED;
    return is_readable(signals->timer, 0) ? STOP_TIME_OVER : STOP_NONE;
}

void signals_close(struct signals *signals)
{
    const int fds[] = {signals->either, signals->signal, signals->timer};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}
