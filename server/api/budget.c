#include "api/budget.h"

int budget_take(struct budget *budget, size_t bytes)
{
    return budget_take_but(budget, bytes, 0);
}

int budget_take_but(struct budget *budget, size_t bytes, size_t left)
{
    size_t held = atomic_load(&budget->held);
    do {
        size_t free = budget->limit - held;
        if (left > free || bytes > free - left)
            return -ENOSPC;
    } while (!atomic_compare_exchange_weak(&budget->held, &held, held + bytes));
    return 0;
}

void budget_give(struct budget *budget, size_t bytes)
{
    atomic_fetch_sub(&budget->held, bytes);
}
