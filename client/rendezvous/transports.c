#include "rendezvous/transports.h"

#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "cli/connection.h"
#include "cli/print.h"
#include "transport/reference.h"
#include "transport/v1.h"

/* One server is one session: a second one there would show that both are the same person's. */
static enum outcome check_others(const struct transports *transports, size_t which,
                                 const struct option_texts *servers)
{
    for (size_t i = 0; i < which; i++) {
        bool alike = strcmp(servers->text[i], servers->text[which]) == 0;
        if (!http_is_same_server(transports->http[i], transports->http[which]))
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
    return options->reference
               ? transport_reference_open(&transports->transports[which], transports->http[which],
                                          &clock_system, &random_system, stop)
               : transport_v1_open(&transports->transports[which], transports->http[which],
                                   options->place_tag);
}

static enum outcome open_http(struct transports *transports, size_t which,
                              const struct run_options *options, const struct stop_source *stop)
{
    enum outcome outcome = connection_open(&transports->http[which], options->servers.text[which],
                                           &options->shared, stop);
    if (outcome == OUTCOME_DONE)
        outcome = check_others(transports, which, &options->servers);
    int err = outcome == OUTCOME_DONE ? open_transport(transports, which, options, stop) : 0;
    return err ? outcome_failed(err, "make ready for %s", options->servers.text[which]) : outcome;
}

enum outcome transports_open(struct transports *transports, const struct run_options *options,
                             const struct stop_source *stop)
{
    *transports = (struct transports){.count = options->servers.count};
    enum outcome outcome = OUTCOME_DONE;
    for (size_t i = 0; i < transports->count && outcome == OUTCOME_DONE; i++)
        outcome = open_http(transports, i, options, stop);
    return outcome;
}

void transports_close(struct transports *transports)
{
    for (size_t i = 0; i < transports->count; i++) {
        if (transports->transports[i])
            transports->transports[i]->verbs->free(transports->transports[i]);
        http_free(transports->http[i]);
    }
    *transports = (struct transports){0};
}
