/* How a run ends: when its time is over, and not when it has met somebody. */
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

/* DESIGN: the time of leaving is set when the run begins (length_of_stay.h). Once a message was
 * shown, an interrupt or a hang-up does not change it: the program goes on in the background, as it
 * does with --background once all that was expected has come; the user has the terminal back, and
 * who watches the network sees nothing. An interrupt waits a moment for a second one, which ends
 * the run at once. SIGTERM always does: services are stopped by it. --no-linger is the exception
 * to all of this.
 *
 * A thread reads the signals. It and the thread that reports what happens take turns by `lock`; who
 * waits too long for it, as somebody's output is stuck, ends the run. */
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
