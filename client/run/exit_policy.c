#include "run/exit_policy.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "cli/print.h"
#include "run/exit_status.h"
#include "run/length_of_stay.h"

enum {
    AGAIN_MS = 3000, /* a second interrupt counts for so long */
    SAME_MS = 200,   /* two within that are one, see first_process.h */
    STUCK_S = 3,     /* so long is waited for somebody else to have told something */
};

static int64_t left_s(const struct leaving *leaving)
{
    int64_t left_ms = leaving->leave_ms - clock_monotonic_ms(&clock_system);
    return left_ms > 0 ? (left_ms + 999) / 1000 : 0;
}

/* Go on in the background. `lock` is held. */
static void go_to_background(struct leaving *leaving, enum stop_cause cause)
{
    struct narrator *narrator = leaving->narrator;
    enum outcome outcome =
        ending_outcome(&(struct ending){.err = -ECANCELED,
                                        .cause = cause,
                                        .messages = narrator->shown,
                                        .expected = leaving->expectation.wanted});
    narrator_goes_on(narrator, (int64_t)getpid(), left_s(leaving));
    outcome = narrator_end(narrator, outcome);
    atomic_store(&leaving->muted, true);
    first_process_let_go(leaving->first, outcome);
}

/* Returns: whether it was got. */
static bool take_lock(struct leaving *leaving)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STUCK_S;
    return pthread_mutex_timedlock(&leaving->lock, &until) == 0;
}

/* Do what a signal asks for. Returns: whether the run may go to the background in a moment. */
static bool take_signal(struct leaving *leaving, int signal, bool again)
{
    bool in_a_moment = false, ends = signal == SIGTERM || again || !take_lock(leaving);
    if (!ends) {
        bool muted = atomic_load(&leaving->muted);
        if (muted)
            ends = signal != SIGHUP;
        else if (leaving->narrator->shown == 0 || leaving->narrator->broken)
            ends = true;
        else if (signal == SIGHUP)
            go_to_background(leaving, STOP_INTERRUPTED);
        else
            in_a_moment = true;
        if (in_a_moment)
            narrator_will_go_on(leaving->narrator, left_s(leaving));
        pthread_mutex_unlock(&leaving->lock);
    }
    if (ends)
        signals_interrupt(leaving->signals);
    return in_a_moment;
}

/* Returns: whether something came to `fd` in so many milliseconds. */
static int wait_for(const struct leaving *leaving, int ms)
{
    struct pollfd fds[] = {{.fd = leaving->end_fd, .events = POLLIN},
                           {.fd = leaving->signal_fd, .events = POLLIN}};
    int ready;
    while ((ready = poll(fds, 2, ms)) < 0 && errno == EINTR)
        continue;
    if (fds[0].revents || ready < 0)
        return -ECANCELED;
    return ready;
}

static int read_signal(const struct leaving *leaving)
{
    struct signalfd_siginfo signal;
    return read(leaving->signal_fd, &signal, sizeof signal) == sizeof signal ? (int)signal.ssi_signo
                                                                             : SIGTERM;
}

static void *watch(void *state)
{
    struct leaving *leaving = state;
    bool in_a_moment = false;
    int64_t asked_ms = 0;
    int ready;
    while ((ready = wait_for(leaving, in_a_moment ? AGAIN_MS : -1)) >= 0) {
        if (ready == 0) {
            in_a_moment = false;
            if (!take_lock(leaving)) {
                signals_interrupt(leaving->signals);
                continue;
            }
            if (!atomic_load(&leaving->muted))
                go_to_background(leaving, STOP_INTERRUPTED);
            pthread_mutex_unlock(&leaving->lock);
            continue;
        }
        int signal = read_signal(leaving);
        int64_t now_ms = clock_monotonic_ms(&clock_system);
        bool same = signal == SIGINT && in_a_moment && now_ms - asked_ms < SAME_MS;
        if (same)
            continue;
        asked_ms = now_ms;
        in_a_moment = take_signal(leaving, signal, signal == SIGINT && in_a_moment);
    }
    return NULL;
}

static int set_time(struct leaving *leaving, const struct rendezvous_options *options)
{
    int64_t stay_s = options->duration_s;
    if (stay_s == 0 && !leaving->no_linger)
        stay_s = stay_draw_s(&random_system);
    leaving->open_until_ms = INT64_MAX;
    if (stay_s == 0)
        return 0;
    int64_t now_ms = clock_monotonic_ms(&clock_system);
    leaving->leave_ms = now_ms + stay_s * 1000;
    leaving->open_until_ms = now_ms + stay_open_ms(stay_s);
    if (options->duration_s == 0)
        leaving->drawn_s = stay_s;
    return signals_stop_after(leaving->signals, stay_s);
}

static int start_watching(struct leaving *leaving)
{
    leaving->end_fd = eventfd(0, EFD_CLOEXEC);
    leaving->signal_fd = leaving->end_fd < 0 ? -EIO : signals_divert(leaving->signals);
    if (leaving->signal_fd < 0)
        return -EIO;
    leaving->watching = pthread_create(&leaving->watcher, NULL, watch, leaving) == 0;
    return leaving->watching ? 0 : -ENOMEM;
}

int leaving_open(struct leaving *leaving, const struct rendezvous_options *options, size_t wanted,
                 struct signals *signals, struct narrator *narrator, struct first_process *first)
{
    *leaving = (struct leaving){.signals = signals,
                                .narrator = narrator,
                                .first = first,
                                .expectation = {.wanted = wanted},
                                .no_linger = options->no_linger,
                                .to_background = options->background,
                                .signal_fd = -1,
                                .end_fd = -1};
    INVARIANT(pthread_mutex_init(&leaving->lock, NULL) == 0);
    int err = set_time(leaving, options);
    return err || leaving->no_linger ? err : start_watching(leaving);
}

void leaving_tell(struct leaving *leaving)
{
    if (leaving->drawn_s > 0 && leaving_enter(leaving)) {
        narrator_stays(leaving->narrator, leaving->drawn_s);
        pthread_mutex_unlock(&leaving->lock);
    }
}

bool leaving_enter(struct leaving *leaving)
{
    pthread_mutex_lock(&leaving->lock);
    if (!atomic_load(&leaving->muted))
        return true;
    pthread_mutex_unlock(&leaving->lock);
    return false;
}

/* All that was expected has come, and all answers are across: what is done then. */
static void have_all(struct leaving *leaving)
{
    if (leaving->no_linger)
        signals_stop_now(leaving->signals);
    else if (leaving->to_background)
        go_to_background(leaving, STOP_TIME_OVER);
    else
        narrator_lingers(leaving->narrator, left_s(leaving));
}

bool leaving_exit(struct leaving *leaving, size_t owed)
{
    const struct narrator *narrator = leaving->narrator;
    const struct expectation *expectation = &leaving->expectation;
    bool counts = expectation->wanted > 0 || leaving->to_background;
    bool all = counts && expectation_is_met(expectation, narrator->shown) && owed == 0;
    if (narrator->broken)
        signals_stop_now(leaving->signals);
    else if (all && !leaving->had_all)
        have_all(leaving);
    leaving->had_all |= all;
    pthread_mutex_unlock(&leaving->lock);
    return narrator->shown > 0 && owed == 0;
}

void leaving_close(struct leaving *leaving)
{
    if (leaving->watching) {
        INVARIANT(eventfd_write(leaving->end_fd, 1) == 0);
        INVARIANT(pthread_join(leaving->watcher, NULL) == 0);
    }
    if (leaving->signal_fd >= 0)
        close(leaving->signal_fd);
    if (leaving->end_fd >= 0)
        close(leaving->end_fd);
    pthread_mutex_destroy(&leaving->lock);
}
