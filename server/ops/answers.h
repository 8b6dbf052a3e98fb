/* Answers to binary requests, as all ops write them. */
#ifndef REUNION_OPS_ANSWERS_H
#define REUNION_OPS_ANSWERS_H

#include "ops/call.h"

/* Write a success; it has to fit. */
enum ops_next answer_with(const struct ops_call *call, const struct op_answer *with,
                          struct ops_answer *answer);

/* Write a refusal that has nothing but a status. */
enum ops_next answer_status(const struct ops_call *call, enum op_status status,
                            struct ops_answer *answer);

/* Write OP_NOT_NOW. */
enum ops_next answer_not_now(const struct ops_call *call, uint32_t retry_s,
                             struct ops_answer *answer);

/* The answer to what a reading function of the service gave other than 0. */
enum ops_next answer_error(const struct ops_call *call, int err, struct ops_answer *answer);

/* A bucket as answers have it; it points into the facts. */
struct op_bucket op_bucket_of(const struct bucket_facts *facts);

/* A field, or NULL where zeros stand for none. */
const uint8_t *unless_none(const uint8_t *field, size_t bytes);

/* How many items of a size a success of the call has room for. */
size_t items_that_fit(const struct ops_call *call, size_t item_bytes);

#endif
