#include "links/link_connection.h"

#include "transport/packets_links.h"
#include "transport/v1_links.h"

static enum outcome open_server(struct link_connection *link, const char *server,
                                const struct options *options, const struct stop_source *stop)
{
    enum outcome outcome = mixes_open(&link->mixes, options);
    if (outcome == OUTCOME_DONE)
        outcome = connection_open(&link->connection, server, options, link->mixes, stop);
    if (outcome != OUTCOME_DONE)
        return outcome;
    int err = link->connection.packets ? packets_links_open(&link->server, link->connection.packets)
                                       : v1_links_open(&link->server, link->connection.http);
    return err ? outcome_failed(err, "make ready for %s", server) : OUTCOME_DONE;
}

enum outcome link_connection_open(struct link_connection *link, const char *server,
                                  const struct options *options, const struct stop_source *stop)
{
    struct link_connection opened = {.server = NULL};
    enum outcome outcome = open_server(&opened, server, options, stop);
    if (outcome == OUTCOME_DONE)
        *link = opened;
    else
        link_connection_close(&opened);
    return outcome;
}

void link_connection_close(struct link_connection *link)
{
    if (link->server)
        link->server->verbs->free(link->server);
    connection_close(&link->connection);
    mixes_close(link->mixes);
    *link = (struct link_connection){.server = NULL};
}
