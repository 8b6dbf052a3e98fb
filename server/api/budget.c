#include "api/budget.h"

int budget_take(struct budget *budget, size_t bytes)
{
    size_t held = atomic_load(&budget->held);
    do {
        if (bytes > budget->limit - held)
            return -ENOSPC;
    } while (!atomic_compare_exchange_weak(&budget->held, &held, held + bytes));
    return 0;
}

void budget_give(struct budget *budget, size_t bytes)
{
    atomic_fetch_sub(&budget->held, bytes);
}
