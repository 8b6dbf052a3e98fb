#include "cli/fatal_signals.h"

#include <stdbool.h>
#include <stddef.h>

/* Signals that nobody can wait for, or that do not end a program by default. */
static bool is_other(int number)
{
    static const int others[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS,  SIGFPE,
                                 SIGILL,  SIGTRAP, SIGSYS,  SIGCHLD, SIGCONT,
                                 SIGTSTP, SIGTTIN, SIGTTOU, SIGURG,  SIGWINCH};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] == number)
            return true;
    return false;
}

void fatal_signals(sigset_t *set)
{
    sigset_t blocked;
    sigemptyset(set);
    if (sigprocmask(SIG_SETMASK, NULL, &blocked))
        return;
    for (int number = 1; number <= SIGRTMAX; number++) {
        struct sigaction action;
        /* The numbers that libc keeps for itself have no action that can be asked for. */
        bool is_default = !is_other(number) && sigaction(number, NULL, &action) == 0 &&
                          action.sa_handler == SIG_DFL;
        if (is_default && !sigismember(&blocked, number))
            sigaddset(set, number);
    }
}
