/* A memory budget shared by several users. */
#ifndef REUNION_API_BUDGET_H
#define REUNION_API_BUDGET_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/err.h"

struct budget {
    size_t limit; /* bytes; does not change */
    atomic_size_t held;
};

/* Take `bytes` of it. Any thread. Returns: 0, -ENOSPC (nothing is taken). */
MUST_CHECK int budget_take(struct budget *budget, size_t bytes);

/* The same, of all but the last `left` bytes of it. */
MUST_CHECK int budget_take_but(struct budget *budget, size_t bytes, size_t left);

/* Give back what was taken. Any thread. */
void budget_give(struct budget *budget, size_t bytes);

#endif
