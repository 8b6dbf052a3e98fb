/* The signals that a daemon waits for, and those that it ignores. */
#ifndef REUNION_DAEMON_SIGNALS_H
#define REUNION_DAEMON_SIGNALS_H

#include <signal.h>

/* Those to wait for with sigwait: SIGTERM and SIGINT, which stop a daemon in order, and SIGHUP,
 * unless it is ignored at the start, as under nohup. They are blocked: call it before any thread
 * exists, so that all inherit that. */
sigset_t signals_await(void);

/* Ignore those that mean nothing to a daemon and would end it in the middle of things: a client
 * that went away, a file that may grow no larger (the write fails), and what is sent by mistake. */
void signals_ignore_others(void);

#endif
