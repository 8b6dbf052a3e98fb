/* How many group actions a session does for others, by the clock. */
#ifndef REUNION_SESSION_BUDGET_H
#define REUNION_SESSION_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/* DESIGN: so many actions at first, and a quarter of that more each hour; what is not used stays.
 * It is counted by our own clock. A server that loses places, or says that a bucket is over, gets
 * no work out of that: a new session has a budget of its own only when so much time has passed that
 * the hours alone would have given one. For one thread. */

enum { BUDGET_USUAL = 4096, BUDGET_HOURS = 4 /* in which it is given once more */ };

struct budget {
    const struct clock_source *clock;
    size_t at_first;
    int64_t began_ms;
    size_t spent;
};

/* Begin, with so many actions at first, 1 or more. `clock` must outlive it. */
void budget_open(struct budget *budget, size_t at_first, const struct clock_source *clock);

/* A session begins: the budget begins anew unless it is younger than BUDGET_HOURS. */
void budget_begin_session(struct budget *budget);

/* How many actions may be done now. */
size_t budget_left(const struct budget *budget);

void budget_spend(struct budget *budget, size_t actions);

#endif
