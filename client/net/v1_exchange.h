/* A request of version 1, and what its status means. */
#ifndef REUNION_NET_V1_EXCHANGE_H
#define REUNION_NET_V1_EXCHANGE_H

#include "base/err.h"
#include "net/http.h"

/* Send a request and read the answer, as http_exchange does.
 * Gives: 0 (a success; `*trouble` is NULL); else as http_exchange, or v1_status_error with the
 * answer to look at; `*trouble` is why, a constant phrase. */
MUST_CHECK int v1_exchange(struct http *http, const struct http_request *request,
                           struct http_answer *answer, const char **trouble);

#endif
