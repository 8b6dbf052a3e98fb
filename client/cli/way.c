#include "cli/way.h"

#include "cli/say.h"

enum outcome way_open(struct http **http, const char *server, const struct options *options,
                      const struct stop_source *stop)
{
    const struct http_settings settings = {.server = server,
                                           .ca_file = options->ca_file,
                                           .pin = options->pin,
                                           .proxy = options->proxy,
                                           .insecure_http = options->insecure_http,
                                           .random = &random_system,
                                           .stop = stop};
    const char *complaint;
    int err = http_open(http, &settings, &complaint);
    if (!err)
        return OUTCOME_DONE;
    say("%s", err == -EINVAL ? complaint : err_text(err));
    return err == -EINVAL ? OUTCOME_USAGE : OUTCOME_FAILED;
}
