#include "links/look_first.h"

#include "links/patience.h"
#include "links/tell.h"
#include "net/v1_links.h"

enum outcome look_first(struct http *http, const char *server, const struct links_options *options,
                        const struct stop_source *stop)
{
    struct patience patience = patience_begin(options, server, stop);
    const char *trouble;
    int err;
    do {
        err = v1_links_look(http, &trouble);
    } while (err && patience_again(&patience, http, &err, trouble));
    if (err == -ENOENT) /* there are no links there at all */
        err = -EPROTO;
    return err ? tell_failed(options, server, err, trouble) : OUTCOME_DONE;
}
