/* Transport over the Python reference's protocol: POST and GET of /t1, /t2 and /t3. */
#ifndef REUNION_TRANSPORT_REFERENCE_H
#define REUNION_TRANSPORT_REFERENCE_H

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "base/stop.h"
#include "http/http.h"
#include "transport/transport.h"

/* Make a transport over `http`. What is pointed to stays the caller's and must outlive it.
 * Returns: 0 and a transport to be released by its verb `free`; -ENOMEM. */
MUST_CHECK int transport_reference_open(struct transport **transport, struct http *http,
                                        const struct clock_source *clock,
                                        const struct random_source *random,
                                        const struct stop_source *stop);

#endif
