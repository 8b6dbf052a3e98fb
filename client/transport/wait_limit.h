/* How long a request may wait for an answer on the path to a server, learned from requests that
 * were cut off. */
#ifndef REUNION_TRANSPORT_WAIT_LIMIT_H
#define REUNION_TRANSPORT_WAIT_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* DESIGN: a proxy ends a request that is silent for longer than it allows, with a status of its
 * own or by closing the connection. That counts as an empty answer and not as an outage: the
 * next wait is a tenth shorter, and stays so. If several waits in a row are cut off, or another
 * error follows, it was an outage, and the limit learned from it is dropped. After an outage one
 * request does not wait, so that its end is noticed at once.
 *
 * The path may change, and a single cut may have been chance: half an hour after the last cut the
 * longest wait is tried once more, at the cost of one cut. Otherwise waits only become shorter. A
 * caller may wait for less; that teaches nothing. Times are monotonic milliseconds, passed in by
 * the caller. */

struct wait_limit {
    int64_t most_ms;   /* the longest wait at all */
    int64_t ms;        /* the longest wait now, whole seconds */
    int64_t before_ms; /* what it was at the last answer */
    int64_t cut_ms;    /* when something was cut off last */
    unsigned cuts;     /* in a row */
    bool troubled;     /* the last request failed */
};

/* What cut a request off. */
enum wait_cut {
    WAIT_CUT_NOT,   /* nothing that a limit does */
    WAIT_CUT_MAYBE, /* a limit, if the request had waited for a while: closed, reset, 502 */
    WAIT_CUT_SAID,  /* a gateway says that it was a limit: 504, 408, … */
};

enum { WAIT_CUT_MS_MIN = 900, WAIT_CUTS_MAX = 3, WAIT_LIMIT_HOLDS_MS = 30 * 60 * 1000 };

/* Begin with a limit of `ms`. */
void wait_limit_begin(struct wait_limit *limit, int64_t ms);

/* How long the next request is to wait where `wished_ms` is wished. */
int64_t wait_limit_next(struct wait_limit *limit, int64_t wished_ms, int64_t now_ms);

/* A request came back. */
void wait_limit_answered(struct wait_limit *limit);

/* A request that was to wait for `asked_ms` failed at `now_ms`, after `waited_ms`. Returns: whether
 * that is nothing new; else it is an outage. */
bool wait_limit_failed(struct wait_limit *limit, enum wait_cut cut, int64_t asked_ms,
                       int64_t waited_ms, int64_t now_ms);

/* What a wait that was cut off after `waited_ms` leaves: a tenth and at least a second less, whole
 * seconds, at least one. */
int64_t wait_limit_below_ms(int64_t waited_ms);

#endif
