/* Whether there is a server at all, before anybody is asked for anything. */
#ifndef REUNION_LINKS_LOOK_FIRST_H
#define REUNION_LINKS_LOOK_FIRST_H

#include "cli/outcome.h"
#include "links/options.h"
#include "net/http.h"

/* Ask the server what holds there, which says nothing of who asks. What is wrong is told.
 * Returns: OUTCOME_DONE, or the end of the run. */
enum outcome look_first(struct http *http, const struct links_options *options);

#endif
