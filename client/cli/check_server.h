/* One server, looked at from outside. */
#ifndef REUNION_CLI_CHECK_SERVER_H
#define REUNION_CLI_CHECK_SERVER_H

#include "cli/findings.h"
#include "cli/options.h"
#include "net/http.h"

/* Tell whether the server can be reached and is one, whether the clocks agree, what its limits are,
 * and whether its newest bucket, or `bucket` if one is given, could be used. Reads only. */
void check_server(struct findings *findings, struct http *http, const struct option_link *bucket);

#endif
