/* A connection to a server as the connection options describe it. */
#ifndef REUNION_CLI_CONNECTION_H
#define REUNION_CLI_CONNECTION_H

#include "base/stop.h"
#include "cli/mixes.h"
#include "cli/outcome.h"
#include "cli/shared_options.h"
#include "http/http.h"
#include "udp/packets.h"

/* One of `http` and `packets` is there, by the server's address. */
struct connection {
    struct server_address address;
    struct box_identity *client_key; /* of --box-client-key, in guarded memory; or NULL */
    struct http *http;
    struct packets *packets;
};

/* Make ready to speak to `server`, through `mixes` unless that is NULL; nothing is sent. Errors in
 * the options are reported.
 * Needs: what is given must outlive the connection.
 * Returns: OUTCOME_DONE and a connection to be closed, OUTCOME_USAGE, OUTCOME_INTERRUPTED or
 * OUTCOME_FAILED. */
enum outcome connection_open(struct connection *connection, const char *server,
                             const struct options *options, struct mixes *mixes,
                             const struct stop_source *stop);

/* Close and release; one of zeros is fine. */
void connection_close(struct connection *connection);

#endif
