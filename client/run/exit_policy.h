/* When a run exits: at the end of its stay, and not as soon as a message has come. */
#ifndef REUNION_RUN_EXIT_POLICY_H
#define REUNION_RUN_EXIT_POLICY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/first_process.h"
#include "cli/signals.h"
#include "run/expected_count.h"
#include "run/options.h"
#include "run/reporter.h"

/* DESIGN: the exit time is fixed when the run begins (length_of_stay.h). Once a message was
 * shown, an interrupt or a hang-up does not change it: the program continues in the background,
 * as it does with --background once all expected messages have come. The user gets the terminal
 * back, and an observer of the network sees no difference. A second interrupt shortly after the
 * first ends the run at once. SIGTERM always ends it, as services are stopped by it. --no-linger
 * turns all of this off.
 *
 * A thread reads the signals. It and the thread that reports events take turns by `lock`; if it
 * waits too long for the lock, because output is stuck, it ends the run. */
struct exit_policy {
    struct signals *signals;
    struct reporter *reporter;
    struct first_process *first;
    struct expected_count expected_count;
    bool no_linger, to_background;
    int64_t drawn_s;  /* how long to stay, if that was drawn; otherwise 0 */
    int64_t leave_ms; /* on the monotonic clock; 0: not set */
    int64_t open_until_ms;

    pthread_mutex_t lock;
    bool had_all;      /* that was expected */
    atomic_bool muted; /* in the background: nothing is reported any more */

    pthread_t watcher;
    bool watching;
    int signal_fd, end_fd; /* the watcher's: signals, and that it is to end */
};

/* Set the time of leaving, and watch signals from now on. `wanted` messages are expected, 0: nobody
 * in particular; `first` has no worker with --no-linger. All must outlive it.
 * Returns: 0, -EIO, -ENOMEM; to be closed in any case. */
MUST_CHECK int exit_policy_open(struct exit_policy *exit_policy, const struct run_options *options,
                                size_t wanted, struct signals *signals, struct reporter *reporter,
                                struct first_process *first);

/* Report how long the stay is, where it was drawn, once nothing stands against it any more. */
void exit_policy_report(struct exit_policy *exit_policy);

/* Around everything that reports something. Returns: false where nothing is to be reported any
 * more. */
MUST_CHECK bool exit_policy_enter(struct exit_policy *exit_policy);

/* Afterwards: look whether all have come, with so many answers of ours not yet across.
 * Returns: whether somebody was met, and nothing is left to be done for those who were. */
bool exit_policy_leave(struct exit_policy *exit_policy, size_t owed);

/* No signal is taken after that. */
void exit_policy_close(struct exit_policy *exit_policy);

#endif
