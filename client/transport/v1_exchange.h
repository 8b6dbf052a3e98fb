/* One request of version 1, and what its status means. */
#ifndef REUNION_TRANSPORT_V1_EXCHANGE_H
#define REUNION_TRANSPORT_V1_EXCHANGE_H

#include "base/err.h"
#include "http/http.h"

/* Send a request and read the answer, as http_exchange does.
 * Returns: 0 (a success; `*trouble` is NULL); else as http_exchange, or with the answer to look at:
 * as v1_status_error where it is a REUNION server's; -EAGAIN or -EPROTO where it is somebody
 * else's, but -ENOENT, -ENOSPC and -EKEYEXPIRED by the status alone. `*trouble` is why, a phrase
 * that is http's until the next exchange. */
MUST_CHECK int v1_exchange(struct http *http, const struct http_request *request,
                           struct http_answer *answer, const char **trouble);

#endif
