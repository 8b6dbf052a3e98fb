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

static int64_t left_s(const struct exit_policy *exit_policy)
{
    int64_t left_ms = exit_policy->leave_ms - clock_monotonic_ms(&clock_system);
    return left_ms > 0 ? (left_ms + 999) / 1000 : 0;
}

/* Go on in the background. `lock` is held. */
static void go_to_background(struct exit_policy *exit_policy, enum stop_cause cause)
{
    struct reporter *reporter = exit_policy->reporter;
    enum outcome outcome =
        exit_status_outcome(&(struct exit_status){.err = -ECANCELED,
                                                  .cause = cause,
                                                  .messages = reporter_counted(reporter),
                                                  .expected = exit_policy->expected_count.wanted});
    reporter_goes_on(reporter, (int64_t)getpid(), left_s(exit_policy));
    outcome = reporter_end(reporter, outcome);
    atomic_store(&exit_policy->muted, true);
    first_process_let_go(exit_policy->first, outcome);
}

/* Returns: whether it was got. */
static bool take_lock(struct exit_policy *exit_policy)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STUCK_S;
    return pthread_mutex_timedlock(&exit_policy->lock, &until) == 0;
}

/* Do what a signal asks for. Returns: whether the run may go to the background in a moment. */
static bool take_signal(struct exit_policy *exit_policy, int signal, bool again)
{
    bool in_a_moment = false, ends = signal == SIGTERM || again || !take_lock(exit_policy);
    if (!ends) {
        bool muted = atomic_load(&exit_policy->muted);
        if (muted)
            ends = signal != SIGHUP;
        else if (exit_policy->reporter->shown == 0 || exit_policy->reporter->broken)
            ends = true;
        else if (signal == SIGHUP)
            go_to_background(exit_policy, STOP_INTERRUPTED);
        else
            in_a_moment = true;
        if (in_a_moment)
            reporter_will_go_on(exit_policy->reporter, left_s(exit_policy));
        pthread_mutex_unlock(&exit_policy->lock);
    }
    if (ends)
        signals_interrupt(exit_policy->signals);
    return in_a_moment;
}

/* Returns: whether something came to `fd` in so many milliseconds. */
static int wait_for(const struct exit_policy *exit_policy, int ms)
{
    struct pollfd fds[] = {{.fd = exit_policy->end_fd, .events = POLLIN},
                           {.fd = exit_policy->signal_fd, .events = POLLIN}};
    int ready;
    while ((ready = poll(fds, 2, ms)) < 0 && errno == EINTR)
        continue;
    if (fds[0].revents || ready < 0)
        return -ECANCELED;
    return ready;
}

static int read_signal(const struct exit_policy *exit_policy)
{
    struct signalfd_siginfo signal;
    return read(exit_policy->signal_fd, &signal, sizeof signal) == sizeof signal
               ? (int)signal.ssi_signo
               : SIGTERM;
}

static void *watch(void *state)
{
    struct exit_policy *exit_policy = state;
    bool in_a_moment = false;
    int64_t asked_ms = 0;
    int ready;
    while ((ready = wait_for(exit_policy, in_a_moment ? AGAIN_MS : -1)) >= 0) {
        if (ready == 0) {
            in_a_moment = false;
            if (!take_lock(exit_policy)) {
                signals_interrupt(exit_policy->signals);
                continue;
            }
            if (!atomic_load(&exit_policy->muted))
                go_to_background(exit_policy, STOP_INTERRUPTED);
            pthread_mutex_unlock(&exit_policy->lock);
            continue;
        }
        int signal = read_signal(exit_policy);
        int64_t now_ms = clock_monotonic_ms(&clock_system);
        bool same = signal == SIGINT && in_a_moment && now_ms - asked_ms < SAME_MS;
        if (same)
            continue;
        asked_ms = now_ms;
        in_a_moment = take_signal(exit_policy, signal, signal == SIGINT && in_a_moment);
    }
    return NULL;
}

static int set_time(struct exit_policy *exit_policy, const struct run_options *options)
{
    int64_t stay_s = options->duration_s;
    if (stay_s == 0 && !exit_policy->no_linger)
        stay_s = stay_draw_s(&random_system);
    exit_policy->open_until_ms = INT64_MAX;
    if (stay_s == 0)
        return 0;
    int64_t now_ms = clock_monotonic_ms(&clock_system);
    exit_policy->leave_ms = now_ms + stay_s * 1000;
    exit_policy->open_until_ms = now_ms + stay_open_ms(stay_s);
    if (options->duration_s == 0)
        exit_policy->drawn_s = stay_s;
    return signals_stop_after(exit_policy->signals, stay_s);
}

static int start_watching(struct exit_policy *exit_policy)
{
    exit_policy->end_fd = eventfd(0, EFD_CLOEXEC);
    exit_policy->signal_fd = exit_policy->end_fd < 0 ? -EIO : signals_divert(exit_policy->signals);
    if (exit_policy->signal_fd < 0)
        return -EIO;
    exit_policy->watching = pthread_create(&exit_policy->watcher, NULL, watch, exit_policy) == 0;
    return exit_policy->watching ? 0 : -ENOMEM;
}

int exit_policy_open(struct exit_policy *exit_policy, const struct run_options *options,
                     size_t wanted, struct signals *signals, struct reporter *reporter,
                     struct first_process *first)
{
    *exit_policy = (struct exit_policy){.signals = signals,
                                        .reporter = reporter,
                                        .first = first,
                                        .expected_count = {.wanted = wanted},
                                        .no_linger = options->no_linger,
                                        .to_background = options->background,
                                        .signal_fd = -1,
                                        .end_fd = -1};
    INVARIANT(pthread_mutex_init(&exit_policy->lock, NULL) == 0);
    int err = set_time(exit_policy, options);
    return err || exit_policy->no_linger ? err : start_watching(exit_policy);
}

void exit_policy_report(struct exit_policy *exit_policy)
{
    if (exit_policy->drawn_s > 0 && exit_policy_enter(exit_policy)) {
        reporter_stays(exit_policy->reporter, exit_policy->drawn_s);
        pthread_mutex_unlock(&exit_policy->lock);
    }
}

bool exit_policy_enter(struct exit_policy *exit_policy)
{
    pthread_mutex_lock(&exit_policy->lock);
    if (!atomic_load(&exit_policy->muted))
        return true;
    pthread_mutex_unlock(&exit_policy->lock);
    return false;
}

/* All that was expected has come, and all answers are across: what is done then. */
static void have_all(struct exit_policy *exit_policy)
{
    if (exit_policy->no_linger)
        signals_stop_now(exit_policy->signals);
    else if (exit_policy->to_background)
        go_to_background(exit_policy, STOP_TIME_OVER);
    else
        reporter_lingers(exit_policy->reporter, left_s(exit_policy));
}

bool exit_policy_leave(struct exit_policy *exit_policy, size_t owed)
{
    const struct reporter *reporter = exit_policy->reporter;
    const struct expected_count *expected_count = &exit_policy->expected_count;
    bool counts = expected_count->wanted > 0 || exit_policy->to_background;
    bool all =
        counts && expected_count_is_met(expected_count, reporter_counted(reporter)) && owed == 0;
    if (reporter->broken)
        signals_stop_now(exit_policy->signals);
    else if (all && !exit_policy->had_all)
        have_all(exit_policy);
    exit_policy->had_all |= all;
    pthread_mutex_unlock(&exit_policy->lock);
    return reporter->shown > 0 && owed == 0;
}

void exit_policy_close(struct exit_policy *exit_policy)
{
    if (exit_policy->watching) {
        INVARIANT(eventfd_write(exit_policy->end_fd, 1) == 0);
        INVARIANT(pthread_join(exit_policy->watcher, NULL) == 0);
    }
    if (exit_policy->signal_fd >= 0)
        close(exit_policy->signal_fd);
    if (exit_policy->end_fd >= 0)
        close(exit_policy->end_fd);
    pthread_mutex_destroy(&exit_policy->lock);
}
