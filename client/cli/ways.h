/* The ways to the servers a user names. */
#ifndef REUNION_CLI_WAYS_H
#define REUNION_CLI_WAYS_H

#include "base/stop.h"
#include "cli/options.h"
#include "cli/outcome.h"
#include "meet/company.h"
#include "net/http.h"

struct ways {
    struct http_settings settings[COMPANY_SERVERS_MAX];
    struct http *http[COMPANY_SERVERS_MAX];
    struct transport *transports[COMPANY_SERVERS_MAX];
    size_t count; /* servers */
};

/* Make ready to speak to all of them; nothing is sent. What is wrong with the options is said.
 * Needs: `options` and `stop`, which must outlive the ways.
 * Gives: OUTCOME_MET, OUTCOME_USAGE or OUTCOME_FAILED; to be closed in any case. */
enum outcome ways_open(struct ways *ways, const struct options *options,
                       const struct stop_source *stop);

/* Close all connections; ways of zeros are fine. */
void ways_close(struct ways *ways);

#endif
