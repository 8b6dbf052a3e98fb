/* A connection to a server of private links as the options describe it. */
#ifndef REUNION_LINKS_LINK_CONNECTION_H
#define REUNION_LINKS_LINK_CONNECTION_H

#include "cli/connection.h"
#include "transport/link_server.h"

struct link_connection {
    struct connection connection;
    struct link_server *server;
    struct mixes *mixes; /* that lead there, or NULL */
};

/* As connection_open. Returns: OUTCOME_DONE and a connection to be closed, OUTCOME_USAGE or
 * OUTCOME_FAILED. */
enum outcome link_connection_open(struct link_connection *link, const char *server,
                                  const struct options *options, const struct stop_source *stop);

/* Close and release; one of zeros is fine. */
void link_connection_close(struct link_connection *link);

#endif
