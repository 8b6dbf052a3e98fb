/* A first request that shows whether the server works, before the user is asked for anything. */
#ifndef REUNION_LINKS_LOOK_FIRST_H
#define REUNION_LINKS_LOOK_FIRST_H

#include "base/stop.h"
#include "cli/outcome.h"
#include "http/http.h"
#include "links/options.h"

/* Ask `server`, to which `http` leads, what holds there, which says nothing of who asks; as
 * patiently as everything is asked. Errors are reported. Returns: OUTCOME_DONE, or the end of the
 * run. */
enum outcome look_first(struct http *http, const char *server, const struct links_options *options,
                        const struct stop_source *stop);

/* Around what takes time before a question: show on a terminal that something is waited for. */
void look_first_show(const struct links_options *options);
void look_first_hide(void);

#endif
