#include "cli/first_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/fatal_signals.h"

/* What the end of the first process sends the worker, to end it at once; nothing else does. The
 * setting is the main thread's, so that other threads let go by ignoring the signal instead. */
enum { ORPHANED = SIGUSR1 };

static void add_stops(sigset_t *set)
{
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

/* All that the first process takes: requests to stop, and what would end or suspend it while the
 * worker still has the terminal to give back; and that the worker is suspended. */
static void choose_passed_on(sigset_t *passed_on)
{
    struct sigaction suspend;
    fatal_signals(passed_on);
    add_stops(passed_on);
    sigaddset(passed_on, SIGCHLD);
    if (sigaction(SIGTSTP, NULL, &suspend) == 0 && suspend.sa_handler != SIG_IGN)
        sigaddset(passed_on, SIGTSTP);
}

/* Requests to stop stay blocked until the worker takes them. */
static int let_signals_come(const sigset_t *mask_before)
{
    sigset_t mask = *mask_before;
    add_stops(&mask);
    sigdelset(&mask, ORPHANED);
    return sigprocmask(SIG_SETMASK, &mask, NULL) ? -EIO : 0;
}

static int become_worker(struct first_process *first, const int ends[static 2], pid_t parent,
                         const sigset_t *mask_before)
{
    close(ends[0]);
    *first = (struct first_process){.link = ends[1]};
    if (signal(ORPHANED, SIG_DFL) == SIG_ERR || let_signals_come(mask_before) ||
        prctl(PR_SET_PDEATHSIG, ORPHANED))
        return -EIO;
    return getppid() == parent ? 0 : -EIO;
}

/* Returns: in both processes, 0 and which one this is, or -EIO; -ENOMEM. */
static int split(struct first_process *first, const int ends[static 2], const sigset_t *passed_on,
                 const sigset_t *mask_before)
{
    pid_t parent = getpid(), worker = fork();
    if (worker < 0)
        return -ENOMEM;
    if (worker == 0)
        return become_worker(first, ends, parent, mask_before);
    close(ends[1]);
    *first = (struct first_process){.link = ends[0], .worker = worker, .passed_on = *passed_on};
    return 0;
}

/* Signals are blocked before there are two, so that none ends one of them before it takes them. */
int first_process_split(struct first_process *first)
{
    int ends[2];
    sigset_t passed_on, mask_before;
    choose_passed_on(&passed_on);
    if (sigprocmask(SIG_BLOCK, &passed_on, &mask_before))
        return -EIO;
    int err = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) ? -EIO : 0;
    if (!err) {
        err = split(first, ends, &passed_on, &mask_before);
        if (err == -ENOMEM) {
            close(ends[0]);
            close(ends[1]);
        }
    }
    if (err)
        sigprocmask(SIG_SETMASK, &mask_before, NULL);
    return err;
}

/* Be suspended once the worker is. */
static void follow_suspended(pid_t worker)
{
    siginfo_t stopped = {0};
    if (waitid(P_PID, (id_t)worker, &stopped, WSTOPPED | WNOHANG) || stopped.si_pid != worker)
        return;
    raise(SIGSTOP);
    kill(worker, SIGCONT);
}

static void take_signal(pid_t worker, const struct signalfd_siginfo *signal)
{
    if (signal->ssi_signo == SIGCHLD)
        follow_suspended(worker);
    else if (signal->ssi_signo != SIGTSTP ||
             signal->ssi_code == SI_USER) /* a terminal tells both */
        kill(worker, (int)signal->ssi_signo);
}

/* Returns: whether the worker let go, with `outcome`; otherwise it has ended. */
static bool wait_for_word(const struct first_process *first, int signals, enum outcome *outcome)
{
    struct pollfd fds[] = {{.fd = first->link, .events = POLLIN},
                           {.fd = signals, .events = POLLIN}};
    for (;;) {
        struct signalfd_siginfo signal;
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return false;
        if (fds[1].revents && read(signals, &signal, sizeof signal) == sizeof signal)
            take_signal(first->worker, &signal);
        if (fds[0].revents) {
            uint8_t code;
            bool let_go = read(first->link, &code, 1) == 1;
            *outcome = let_go ? (enum outcome)code : OUTCOME_FAILED;
            return let_go;
        }
    }
}

static enum outcome end_as_worker(pid_t worker)
{
    int status;
    while (waitpid(worker, &status, 0) < 0)
        if (errno != EINTR)
            return OUTCOME_FAILED;
    if (WIFEXITED(status))
        return (enum outcome)WEXITSTATUS(status);
    sigset_t all;
    sigfillset(&all);
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    return OUTCOME_FAILED;
}

enum outcome first_process_wait(struct first_process *first)
{
    enum outcome outcome = OUTCOME_FAILED;
    int signals = signalfd(-1, &first->passed_on, SFD_CLOEXEC);
    bool let_go = wait_for_word(first, signals, &outcome);
    close(first->link);
    if (signals >= 0)
        close(signals);
    return let_go ? outcome : end_as_worker(first->worker);
}

void first_process_let_go(struct first_process *first, enum outcome outcome)
{
    uint8_t code = (uint8_t)outcome;
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    signal(ORPHANED, SIG_IGN);
    setsid();
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (nowhere < 0 || dup2(nowhere, fd) < 0)
            close(fd);
    if (nowhere > STDERR_FILENO)
        close(nowhere);
    /* It may have died meanwhile; then nobody waits for the code. */
    if (send(first->link, &code, 1, MSG_NOSIGNAL) == 1)
        shutdown(first->link, SHUT_RDWR);
    close(first->link);
    first->link = -1;
}
