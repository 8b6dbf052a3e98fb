#include "links/link_connection.h"

#include "transport/packets_links.h"
#include "transport/v1_links.h"

enum outcome link_connection_open(struct link_connection *link, const char *server,
                                  const struct options *options, const struct stop_source *stop)
{
    struct link_connection opened = {.server = NULL};
    enum outcome outcome = connection_open(&opened.connection, server, options, stop);
    if (outcome != OUTCOME_DONE)
        return outcome;
    int err = opened.connection.packets
                  ? packets_links_open(&opened.server, opened.connection.packets)
                  : v1_links_open(&opened.server, opened.connection.http);
    if (err) {
        link_connection_close(&opened);
        return outcome_failed(err, "make ready for %s", server);
    }
    *link = opened;
    return OUTCOME_DONE;
}

void link_connection_close(struct link_connection *link)
{
    if (link->server)
        link->server->verbs->free(link->server);
    connection_close(&link->connection);
    *link = (struct link_connection){.server = NULL};
}
