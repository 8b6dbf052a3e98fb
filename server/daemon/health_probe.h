/* Ask a daemon whether it is well, over HTTP. */
#ifndef REUNION_DAEMON_HEALTH_PROBE_H
#define REUNION_DAEMON_HEALTH_PROBE_H

#include <stdio.h>

#include "base/err.h"

/* Ask at an address that socket_parse takes, with GET /healthz. If it is not well, why is a line in
 * `complaints`, which begins with `program`; `meaning` is what 503 says of such a daemon.
 * Returns: 0, -EHOSTUNREACH (nobody answers), -EPROTO (it is not well, or no such daemon). */
MUST_CHECK int health_probe(const char *address, const char *program, const char *meaning,
                            FILE *complaints);

#endif
