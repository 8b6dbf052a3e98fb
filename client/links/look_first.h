/* A first request that shows whether the server works, before the user is asked for anything. */
#ifndef REUNION_LINKS_LOOK_FIRST_H
#define REUNION_LINKS_LOOK_FIRST_H

#include <stdint.h>

#include "base/stop.h"
#include "cli/outcome.h"
#include "links/options.h"
#include "transport/link_server.h"

/* Ask `server`, known to people as `name`, what holds there, which says nothing of who asks; as
 * patiently as everything is asked. Errors are reported. Returns: OUTCOME_DONE, or the end of the
 * run. */
enum outcome look_first(struct link_server *server, const char *name,
                        const struct links_options *options, const struct stop_source *stop);

/* Unix time by the server's clock; where no answer has told it, the server is asked. Returns: -1
 * where it does not tell. */
int64_t look_first_time_s(struct link_server *server);

/* Around what takes time before a question: show on a terminal that something is waited for. */
void look_first_show(const struct links_options *options);
void look_first_hide(void);

#endif
