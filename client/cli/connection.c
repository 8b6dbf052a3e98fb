#include "cli/connection.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "cli/client_key.h"
#include "cli/print.h"

/* Whether a PEM file holds anything. Returns: OUTCOME_DONE, or after reporting why, another. */
static enum outcome check_ca_file(const char *path)
{
    FILE *file = path ? fopen(path, "re") : NULL;
    if (!path)
        return OUTCOME_DONE;
    if (!file)
        return outcome_unusable(-errno, "read the file of --cacert, %s", path);
    char *line = NULL;
    size_t room = 0;
    bool found = false;
    while (!found && getline(&line, &room, file) >= 0)
        found = strstr(line, "-----BEGIN ") && strstr(line, "CERTIFICATE-----");
    int err = ferror(file) ? -errno : 0;
    free(line);
    fclose(file);
    if (err)
        return outcome_unusable(err, "read the file of --cacert, %s", path);
    if (!found)
        print("the file of --cacert, %s, holds no certificate in PEM form", path);
    return found ? OUTCOME_DONE : OUTCOME_USAGE;
}

/* Say what is wrong with the address of a server, or the way there. An address with a user name may
 * hold a password, too, and is not repeated. */
static enum outcome complain(const char *server, const char *complaint)
{
    print_about(strchr(server, '@') || !server[0] ? NULL : server);
    print("%s%s", complaint, server[0] ? "" : "; what was given is empty");
    print_about(NULL);
    return OUTCOME_USAGE;
}

static int open_packets(struct packets **packets, const struct server_address *address,
                        const struct mixes *mixes, const struct stop_source *stop)
{
    const struct packets_settings settings = {.address = address->box,
                                              .random = &random_system,
                                              .stop = stop,
                                              .repeat_ms = PACKETS_REPEAT_MS,
                                              .mixes = mixes_chain(mixes)};
    return packets_open(packets, &settings);
}

/* A key that would not be shown is a misunderstanding. */
static enum outcome load_client_key(struct connection *connection, const char *server,
                                    const char *path, const struct stop_source *stop)
{
    if (!path)
        return OUTCOME_DONE;
    if (!connection->address.boxed || connection->address.box.packets)
        return complain(server, "--box-client-key is for streams of the box transport (box://), "
                                "and this server is not reached by one");
    return client_key_load(&connection->client_key, path, stop);
}

/* Returns: OUTCOME_DONE, or after reporting why, another; `connection` is to be closed. */
static enum outcome open_way(struct connection *connection, struct http_settings *settings,
                             const struct options *options, const struct mixes *mixes,
                             const char **complaint)
{
    if (!mixes_reach(mixes, settings->server, &connection->address))
        return OUTCOME_USAGE;
    enum outcome outcome =
        load_client_key(connection, settings->server, options->box_client_key, settings->stop);
    if (outcome != OUTCOME_DONE)
        return outcome;
    settings->box_client = connection->client_key;
    int err = connection->address.box.packets
                  ? open_packets(&connection->packets, &connection->address, mixes, settings->stop)
                  : http_open(&connection->http, settings, complaint);
    if (err == -EINVAL)
        return complain(settings->server, *complaint);
    return err ? outcome_failed(err, "make ready for %s", settings->server) : OUTCOME_DONE;
}

enum outcome connection_open(struct connection *connection, const char *server,
                             const struct options *options, struct mixes *mixes,
                             const struct stop_source *stop)
{
    struct http_settings settings = {.server = server,
                                     .ca_file = options->ca_file,
                                     .pin = options->pin,
                                     .proxy = options->proxy,
                                     .insecure_http = options->insecure_http,
                                     .random = &random_system,
                                     .stop = stop};
    struct connection opened = {.http = NULL};
    const char *complaint;
    enum outcome outcome = check_ca_file(options->ca_file);
    if (outcome != OUTCOME_DONE)
        return outcome;
    int err = http_settings_check(&settings, &opened.address, &complaint);
    if (err == -EINVAL)
        return complain(server, complaint);
    outcome = err ? outcome_failed(err, "make ready for %s", server)
                  : open_way(&opened, &settings, options, mixes, &complaint);
    if (outcome == OUTCOME_DONE)
        *connection = opened;
    else
        connection_close(&opened);
    return outcome;
}

void connection_close(struct connection *connection)
{
    http_free(connection->http);
    packets_free(connection->packets);
    secret_free(connection->client_key);
    *connection = (struct connection){.http = NULL};
}
