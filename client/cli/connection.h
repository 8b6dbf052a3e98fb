/* A connection to a server as the connection options describe it. */
#ifndef REUNION_CLI_CONNECTION_H
#define REUNION_CLI_CONNECTION_H

#include "base/stop.h"
#include "cli/options.h"
#include "cli/outcome.h"
#include "http/http.h"

/* Make ready to speak to `server`; nothing is sent. Errors in the options are reported.
 * Needs: what is given must outlive the connection.
 * Returns: OUTCOME_DONE and a connection to be released by http_free, OUTCOME_USAGE or
 * OUTCOME_FAILED. */
enum outcome connection_open(struct http **http, const char *server, const struct options *options,
                             const struct stop_source *stop);

#endif
