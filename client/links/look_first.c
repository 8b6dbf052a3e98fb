#include "links/look_first.h"

#include "links/tell.h"
#include "net/v1_links.h"

enum outcome look_first(struct http *http, const struct links_options *options)
{
    const char *trouble;
    int err = v1_links_look(http, &trouble);
    if (err == -ENOENT) /* there are no links there at all */
        err = -EPROTO;
    return err ? tell_failed(options, err, trouble) : OUTCOME_DONE;
}
