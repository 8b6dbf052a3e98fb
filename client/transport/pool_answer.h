/* The sorted records of one answer of a reference server, for comparing it with the next. */
#ifndef REUNION_TRANSPORT_POOL_ANSWER_H
#define REUNION_TRANSPORT_POOL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pool_answer {
    uint8_t *records; /* sorted */
    size_t count;
    size_t record_bytes; /* of each */
};

/* Copy and sort an answer. Returns: 0, -EMSGSIZE (no multiple of the record size), -ENOMEM. */
MUST_CHECK int pool_answer_take(struct pool_answer *answer, const uint8_t *bytes, size_t count,
                                size_t record_bytes);

/* Whether this record is in the answer. */
bool pool_answer_has(const struct pool_answer *answer, const uint8_t *record);

/* The next record from *at on that is not in `last`, or NULL at the end. */
const uint8_t *pool_answer_next_new(const struct pool_answer *answer,
                                    const struct pool_answer *last, size_t *at);

/* Release; an answer of zeros is an empty one. */
void pool_answer_clear(struct pool_answer *answer);

#endif
