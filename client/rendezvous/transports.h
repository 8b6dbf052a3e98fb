/* The transports to all servers that the options name. */
#ifndef REUNION_RENDEZVOUS_TRANSPORTS_H
#define REUNION_RENDEZVOUS_TRANSPORTS_H

#include "base/stop.h"
#include "cli/connection.h"
#include "cli/outcome.h"
#include "run/options.h"
#include "session/multi_session.h"

struct transports {
    struct connection connections[MULTI_SESSION_SERVERS_MAX]; /* zeros: one without any */
    struct transport *transports[MULTI_SESSION_SERVERS_MAX];
    size_t count;        /* servers */
    struct mixes *mixes; /* that lead to all of them, or NULL */
};

/* Make ready to speak to all of them; nothing is sent. Errors in the options are reported.
 * Needs: `options` and `stop`, which must outlive the transports.
 * Returns: OUTCOME_DONE, OUTCOME_USAGE or OUTCOME_FAILED; to be closed in any case. */
typedef enum outcome transports_opener(struct transports *transports,
                                       const struct run_options *options,
                                       const struct stop_source *stop);
transports_opener transports_open;

/* Close all connections; transports of zeros are fine. */
void transports_close(struct transports *transports);

#endif
