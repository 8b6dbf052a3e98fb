/* Reasons to stop a run: a signal, or the end of its duration. */
#ifndef REUNION_CLI_SIGNALS_H
#define REUNION_CLI_SIGNALS_H

#include <stdint.h>

#include "base/err.h"
#include "base/stop.h"

enum stop_cause { STOP_NONE, STOP_INTERRUPTED, STOP_TIME_OVER };

struct signals {
    int either; /* epoll: readable once one of the two below is */
    int signal; /* of signalfd(2), or, once diverted, of eventfd(2) */
    int timer;
};

/* Take SIGINT, SIGTERM and SIGHUP as requests to stop, from now on in all threads; ignore SIGPIPE.
 * Call before threads start. Returns: 0, or the system's error. */
MUST_CHECK int signals_open(struct signals *signals);

/* Stop in so many seconds, 1 or more, unless a stop is due before that. Returns: 0, or the system's
 * error. */
MUST_CHECK int signals_stop_after(struct signals *signals, int64_t seconds);

/* Stop at no time that was set, unless one is set again. */
void signals_stop_not(struct signals *signals);

/* Stop at once, as if a signal had come; for what goes wrong outside a session. Any thread. */
void signals_stop_now(struct signals *signals);

/* From now on signals are the caller's to read, from the descriptor of signalfd(2) that is given,
 * which it closes; only those it passes on by signals_interrupt are requests to stop. Before
 * threads start. Returns: the descriptor, or -EIO (nothing changed). */
MUST_CHECK int signals_divert(struct signals *signals);

/* A request to stop, as by a signal. Any thread. */
void signals_interrupt(const struct signals *signals);

/* The requests as a stop source; `signals` must outlive it. */
struct stop_source signals_source(struct signals *signals);

/* Why to stop; a signal goes before the time. */
enum stop_cause signals_cause(const struct signals *signals);

void signals_close(struct signals *signals);

#endif
