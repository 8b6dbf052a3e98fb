/* The memory of all answers that are being sent. */
#ifndef REUNION_API_ANSWERS_H
#define REUNION_API_ANSWERS_H

#include "api/budget.h"

/* DESIGN: an answer holds its bytes until its client has read it, so whoever reads nothing holds
 * them for as long as a client may take. Two bounds keep that from everybody else:
 *  - the answers of the reference's endpoints have at most half of the budget. They are the largest
 *    that anybody gets, without a bucket's link, so that version 1 of the API keeps the rest;
 *  - its last quarter is for short answers of version 1 alone: a bucket's links are 16 KiB and its
 *    T1s 18 KiB, and without them nobody begins to meet.
 * What one client address may hold of it, the HTTP server counts (http/exchange.h). */

enum {
    ANSWER_SMALL_MAX = 4096,  /* holds no room: the limit of connections is the bound of these */
    ANSWER_SHORT_MAX = 32768, /* may have of the last quarter */
};

enum answer_kind { ANSWER_V1, ANSWER_REFERENCE };

struct answers {
    struct budget all;       /* its limit is that of the answers together */
    struct budget reference; /* of ANSWER_REFERENCE among them */
};

/* `bytes` is the limit of all answers together. */
void answers_init(struct answers *answers, size_t bytes);

/* Take room for an answer of `bytes`. Any thread.
 * Returns: 0 (to be given back), -ENOSPC (nothing is taken). */
MUST_CHECK int answers_take(struct answers *answers, enum answer_kind kind, size_t bytes);

/* Give back what was taken for an answer of that kind. Any thread. */
void answers_give(struct answers *answers, enum answer_kind kind, size_t bytes);

#endif
