/* Two processes: the one that was started reports the result, its worker does the work and may
 * continue in the background. */
#ifndef REUNION_CLI_FIRST_PROCESS_H
#define REUNION_CLI_FIRST_PROCESS_H

#include <signal.h>
#include <sys/types.h>

#include "base/err.h"
#include "cli/outcome.h"

/* DESIGN: a program that continues after its user has what they wanted cannot fork at that
 * moment: it has threads, and new connections would show the moment on the network. So the
 * worker is forked before anything else, and letting go of it is one byte and a closed
 * descriptor. Until then both end together: the worker dies with the first process, and the
 * first process passes on every signal that would end it and exits as the worker does. So no
 * signal is missed, and the shell does not resume before the worker has given the terminal back.
 * The first process is suspended after its worker, for the same reason.
 * A terminal sends its signals to both processes; code that acts on repeated signals counts two
 * within a fraction of a second as one. */

struct first_process {
    int link;           /* between the two; -1: there is none, or the worker was let go */
    pid_t worker;       /* 0 in the worker */
    sigset_t passed_on; /* in the first process; they are blocked there from before the worker is */
};

/* Split into two, before signals are taken and threads start. In both SIGINT, SIGTERM and SIGHUP
 * are blocked from now on. Returns: 0, and `worker` tells which of the two this is; -ENOMEM, -EIO.
 */
MUST_CHECK int first_process_split(struct first_process *first);

/* The first process: wait until the worker lets go or ends. What it knows must be wiped before.
 * Returns: what to end with; does not return if the worker was killed by a signal, but ends by the
 * same. */
enum outcome first_process_wait(struct first_process *first);

/* The worker: let the first process end with `outcome`, and go on in a session of one's own, with
 * standard streams that lead nowhere. Needs: split, not let go before. Any thread. */
void first_process_let_go(struct first_process *first, enum outcome outcome);

#endif
