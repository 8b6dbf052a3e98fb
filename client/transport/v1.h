/* Transport over version 1 of a REUNION server's HTTP API. */
#ifndef REUNION_TRANSPORT_V1_H
#define REUNION_TRANSPORT_V1_H

#include "base/err.h"
#include "http/http.h"
#include "transport/transport.h"

/* Make a transport over `http`, which stays the caller's and must outlive it, to the place with
 * that tag, of ID_BYTES, which is copied; NULL or zeros: the common one. Returns: 0 and a transport
 * to be released by its verb `free`; -ENOMEM. */
MUST_CHECK int transport_v1_open(struct transport **transport, struct http *http,
                                 const uint8_t *place);

#endif
