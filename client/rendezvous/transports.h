/* The ways to the servers a user names. */
#ifndef REUNION_RENDEZVOUS_TRANSPORTS_H
#define REUNION_RENDEZVOUS_TRANSPORTS_H

#include "base/stop.h"
#include "cli/outcome.h"
#include "http/http.h"
#include "run/options.h"
#include "session/multi_session.h"

struct ways {
    struct http *http[COMPANY_SERVERS_MAX]; /* NULL: a way without HTTP */
    struct transport *transports[COMPANY_SERVERS_MAX];
    size_t count; /* servers */
};

/* Make ready to speak to all of them; nothing is sent. What is wrong with the options is said.
 * Needs: `options` and `stop`, which must outlive the ways.
 * Returns: OUTCOME_DONE, OUTCOME_USAGE or OUTCOME_FAILED; to be closed in any case. */
typedef enum outcome ways_opener(struct ways *ways, const struct rendezvous_options *options,
                                 const struct stop_source *stop);
ways_opener ways_open;

/* Close all connections; ways of zeros are fine. */
void ways_close(struct ways *ways);

#endif
