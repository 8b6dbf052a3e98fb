#include "rendezvous/transports.h"

#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "cli/print.h"
#include "transport/packets.h"
#include "transport/reference.h"
#include "transport/v1.h"

/* One server is one session: a second one there would show that both are the same person's. */
static enum outcome check_others(const struct transports *transports, size_t which,
                                 const struct setting_strings *servers)
{
    for (size_t i = 0; i < which; i++) {
        bool alike = strcmp(servers->text[i], servers->text[which]) == 0;
        if (!server_address_is_same(&transports->connections[i].address,
                                    &transports->connections[which].address))
            continue;
        print("--server %s is named twice%s%s", servers->text[which], alike ? "" : ", also as ",
              alike ? "" : servers->text[i]);
        return OUTCOME_USAGE;
    }
    return OUTCOME_DONE;
}

static int open_transport(struct transports *transports, size_t which,
                          const struct run_options *options, const struct stop_source *stop)
{
    const struct connection *connection = &transports->connections[which];
    struct transport **transport = &transports->transports[which];
    if (connection->packets)
        return transport_packets_open(transport, connection->packets, options->place_tag);
    return options->reference ? transport_reference_open(transport, connection->http, &clock_system,
                                                         &random_system, stop)
                              : transport_v1_open(transport, connection->http, options->place_tag);
}

/* The reference's server knows HTTP alone. */
static enum outcome check_kind(const struct connection *connection, const char *server,
                               const struct run_options *options)
{
    if (!options->reference || !connection->packets)
        return OUTCOME_DONE;
    print("--server %s: the reference's server takes no packets: --reference and box+udp:// do not "
          "go together",
          server);
    return OUTCOME_USAGE;
}

static enum outcome open_one(struct transports *transports, size_t which,
                             const struct run_options *options, const struct stop_source *stop)
{
    struct connection *connection = &transports->connections[which];
    const char *server = options->servers.text[which];
    enum outcome outcome =
        connection_open(connection, server, &options->shared, transports->mixes, stop);
    if (outcome == OUTCOME_DONE)
        outcome = check_kind(connection, server, options);
    if (outcome == OUTCOME_DONE)
        outcome = check_others(transports, which, &options->servers);
    int err = outcome == OUTCOME_DONE ? open_transport(transports, which, options, stop) : 0;
    return err ? outcome_failed(err, "make ready for %s", server) : outcome;
}

enum outcome transports_open(struct transports *transports, const struct run_options *options,
                             const struct stop_source *stop)
{
    *transports = (struct transports){.count = options->servers.count};
    enum outcome outcome = mixes_open(&transports->mixes, &options->shared);
    for (size_t i = 0; i < transports->count && outcome == OUTCOME_DONE; i++)
        outcome = open_one(transports, i, options, stop);
    return outcome;
}

void transports_close(struct transports *transports)
{
    for (size_t i = 0; i < transports->count; i++) {
        if (transports->transports[i])
            transports->transports[i]->verbs->free(transports->transports[i]);
        connection_close(&transports->connections[i]);
    }
    mixes_close(transports->mixes);
    *transports = (struct transports){0};
}
