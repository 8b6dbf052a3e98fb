#include "rendezvous/transports.h"

#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "cli/connection.h"
#include "cli/print.h"
#include "transport/reference.h"
#include "transport/v1.h"

static bool is_named_before(const struct option_texts *servers, size_t which)
{
    for (size_t i = 0; i < which; i++)
        if (strcmp(servers->text[i], servers->text[which]) == 0)
            return true;
    return false;
}

static int open_transport(struct ways *ways, size_t which, const struct rendezvous_options *options,
                          const struct stop_source *stop)
{
    return options->reference
               ? transport_reference_open(&ways->transports[which], ways->http[which],
                                          &clock_system, &random_system, stop)
               : transport_v1_open(&ways->transports[which], ways->http[which], options->place_tag);
}

static enum outcome open_way(struct ways *ways, size_t which,
                             const struct rendezvous_options *options,
                             const struct stop_source *stop)
{
    if (is_named_before(&options->servers, which)) {
        say("--server %s is named twice", options->servers.text[which]);
        return OUTCOME_USAGE;
    }
    enum outcome outcome =
        way_open(&ways->http[which], options->servers.text[which], &options->shared, stop);
    int err = outcome == OUTCOME_DONE ? open_transport(ways, which, options, stop) : 0;
    return err ? outcome_failed(err, "make ready for %s", options->servers.text[which]) : outcome;
}

enum outcome ways_open(struct ways *ways, const struct rendezvous_options *options,
                       const struct stop_source *stop)
{
    *ways = (struct ways){.count = options->servers.count};
    enum outcome outcome = OUTCOME_DONE;
    for (size_t i = 0; i < ways->count && outcome == OUTCOME_DONE; i++)
        outcome = open_way(ways, i, options, stop);
    return outcome;
}

void ways_close(struct ways *ways)
{
    for (size_t i = 0; i < ways->count; i++) {
        if (ways->transports[i])
            ways->transports[i]->verbs->free(ways->transports[i]);
        http_free(ways->http[i]);
    }
    *ways = (struct ways){0};
}
