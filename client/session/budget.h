/* The budget of group actions that a session computes for others; it grows with time. */
#ifndef REUNION_SESSION_BUDGET_H
#define REUNION_SESSION_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/* DESIGN: a fixed number of actions at first, and a quarter of that more each hour; unused
 * actions stay. Time is our own clock's. A server gains no work by losing places or by ending a
 * bucket: a new session gets a new budget only when so much time has passed that the hourly
 * share alone would have given it. For one thread. */

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
