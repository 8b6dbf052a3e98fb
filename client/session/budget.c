#include "session/budget.h"

enum { HOUR_MS = 60 * 60 * 1000 };

void budget_open(struct budget *budget, size_t at_first, const struct clock_source *clock)
{
    *budget = (struct budget){
        .clock = clock, .at_first = at_first, .began_ms = clock_monotonic_ms(clock)};
}

static int64_t age_ms(const struct budget *budget)
{
    return clock_monotonic_ms(budget->clock) - budget->began_ms;
}

void budget_begin_session(struct budget *budget)
{
    if (age_ms(budget) >= BUDGET_HOURS * (int64_t)HOUR_MS)
        budget_open(budget, budget->at_first, budget->clock);
}

size_t budget_left(const struct budget *budget)
{
    double hours = (double)age_ms(budget) / HOUR_MS;
    size_t given = budget->at_first + (size_t)((double)budget->at_first * hours / BUDGET_HOURS);
    return given > budget->spent ? given - budget->spent : 0;
}

void budget_spend(struct budget *budget, size_t actions)
{
    budget->spent += actions;
}
