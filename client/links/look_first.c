#include "links/look_first.h"

#include "links/tell.h"
#include "net/v1_links.h"

enum outcome look_first(struct http *http, const struct links_options *options)
{
    uint64_t open_window_s;
    const char *trouble;
    int err = v1_links_window(&open_window_s, http, &trouble);
    if (err == -ENOENT) /* there are no links there at all */
        err = -EPROTO;
    return err ? tell_failed(options, err, trouble) : OUTCOME_DONE;
}
