/* The signals whose default action would end the program now. */
#ifndef REUNION_CLI_FATAL_SIGNALS_H
#define REUNION_CLI_FATAL_SIGNALS_H

#include <signal.h>

/* The signals that would end the program at once now: their action is the default one, which is to
 * end, and this thread does not block them. SIGKILL and those that tell of a fault in the program
 * itself, such as SIGSEGV, are not among them. */
void fatal_signals(sigset_t *set);

#endif
