#include "api/answers.h"

#include <stdbool.h>

enum { REFERENCE_PART = 2, LAST_PART = 4 };

void answers_init(struct answers *answers, size_t bytes)
{
    *answers = (struct answers){.all.limit = bytes, .reference.limit = bytes / REFERENCE_PART};
}

int answers_take(struct answers *answers, enum answer_kind kind, size_t bytes)
{
    bool may_have_last = kind == ANSWER_V1 && bytes <= ANSWER_SHORT_MAX;
    size_t left = may_have_last ? 0 : answers->all.limit / LAST_PART;
    if (kind == ANSWER_REFERENCE && budget_take(&answers->reference, bytes))
        return -ENOSPC;
    if (budget_take_but(&answers->all, bytes, left) == 0)
        return 0;
    if (kind == ANSWER_REFERENCE)
        budget_give(&answers->reference, bytes);
    return -ENOSPC;
}

void answers_give(struct answers *answers, enum answer_kind kind, size_t bytes)
{
    budget_give(&answers->all, bytes);
    if (kind == ANSWER_REFERENCE)
        budget_give(&answers->reference, bytes);
}
