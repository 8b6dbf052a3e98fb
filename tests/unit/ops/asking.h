/* Binary requests made and answered without a socket. */
#ifndef REUNION_TESTS_UNIT_OPS_ASKING_H
#define REUNION_TESTS_UNIT_OPS_ASKING_H

#include "lib/host.h"
#include "ops/call.h"

enum { P_LONG = OPS_P_BYTES_MAX, P_SHORT = 844 };

/* What calls share on a host's service: waits of at most 60 s, three records a post. */
void asking_ops(struct ops *ops, struct host *host);

/* Begin a call with these bytes. Returns: what ops_take and ops_handle gave. */
enum ops_next asking_begin(struct ops_call *call, const struct ops *ops, const void *q,
                           size_t q_bytes, size_t p_bytes_max, struct ops_answer *answer);

/* Wait until a call that was begun is resumed, and finish it. Returns: what ops_finish gave. */
enum ops_next asking_wait(struct ops_call *call, struct ops_answer *answer);

/* Begin, and wait as often as needed. Returns: the status; the answer is one that can be. */
enum op_status asking(struct ops_call *call, const struct ops *ops, const void *q, size_t q_bytes,
                      size_t p_bytes_max, struct ops_answer *answer);

/* The same for a request, with its answer taken apart; it points into `answer`. */
struct op_answer asking_request(struct ops_call *call, const struct ops *ops,
                                const struct op_request *request, struct ops_answer *answer);

#endif
