/* The health check of a running server, for supervisors that can run a program. */
#ifndef REUNION_RENDEZVOUS_PROBE_H
#define REUNION_RENDEZVOUS_PROBE_H

#include "rendezvous/config.h"

/* Ask /healthz at the first address that the address file has or, if none is set, at the first that
 * is configured to be listened on; for a few seconds at most. What is wrong is a line in
 * `complaints`. Returns: 0 (a write to the store has just succeeded), -EHOSTUNREACH (nobody
 * answers, or the address file says no address), -EPROTO (the answer is another). */
MUST_CHECK int probe(const struct config *config, FILE *complaints);

#endif
