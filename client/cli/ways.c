#include "cli/ways.h"

#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "cli/narrator.h"
#include "net/transport_reference.h"
#include "net/transport_v1.h"

static bool is_named_before(const struct option_texts *servers, size_t which)
{
    for (size_t i = 0; i < which; i++)
        if (strcmp(servers->text[i], servers->text[which]) == 0)
            return true;
    return false;
}

static int open_transport(struct ways *ways, size_t which, const struct options *options,
                          const struct stop_source *stop)
{
    return options->reference
               ? transport_reference_open(&ways->transports[which], ways->http[which],
                                          &clock_system, &random_system, stop)
               : transport_v1_open(&ways->transports[which], ways->http[which]);
}

static enum outcome open_way(struct ways *ways, size_t which, const struct options *options,
                             const struct stop_source *stop)
{
    const char *complaint = "the same --server is named twice";
    int err = is_named_before(&options->servers, which) ? -EINVAL : 0;
    ways->settings[which] = (struct http_settings){.server = options->servers.text[which],
                                                   .ca_file = options->ca_file,
                                                   .pin = options->pin,
                                                   .proxy = options->proxy,
                                                   .insecure_http = options->insecure_http,
                                                   .random = &random_system,
                                                   .stop = stop};
    if (!err)
        err = http_open(&ways->http[which], &ways->settings[which], &complaint);
    if (!err)
        err = open_transport(ways, which, options, stop);
    if (!err)
        return OUTCOME_MET;
    narrator_say("%s", err == -EINVAL ? complaint : err_text(err));
    return err == -EINVAL ? OUTCOME_USAGE : OUTCOME_FAILED;
}

enum outcome ways_open(struct ways *ways, const struct options *options,
                       const struct stop_source *stop)
{
    *ways = (struct ways){.count = options->servers.count};
    enum outcome outcome = OUTCOME_MET;
    for (size_t i = 0; i < ways->count && outcome == OUTCOME_MET; i++)
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
