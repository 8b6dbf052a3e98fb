#include "links/look_first.h"

#include "cli/status_line.h"
#include "links/report.h"
#include "links/retry.h"

void look_first_show(const struct links_options *options)
{
    if (options->shared.json || options->shared.verbose)
        return;
    status_line_open();
    status_line_show("asking the server for its settings ...");
}

void look_first_hide(void)
{
    status_line_close();
}

int64_t look_first_time_s(struct link_server *server)
{
    if (server->time_s < 0 && server->verbs->look(server) != 0)
        return -1;
    return server->time_s;
}

enum outcome look_first(struct link_server *server, const char *name,
                        const struct links_options *options, const struct stop_source *stop)
{
    struct retry retry = retry_begin(options, name, stop);
    int err;
    look_first_show(options);
    do {
        err = server->verbs->look(server);
    } while (err && retry_again(&retry, server, &err));
    err = retry_end(&retry, err);
    look_first_hide();
    if (err == -ENOENT) /* there are no links there at all */
        err = -EPROTO;
    return err ? report_failed(options, name, err, server->trouble) : OUTCOME_DONE;
}
