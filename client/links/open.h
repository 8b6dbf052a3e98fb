/* The command `open`: read the private link that an invitation leads to. */
#ifndef REUNION_LINKS_OPEN_H
#define REUNION_LINKS_OPEN_H

#include "base/stop.h"
#include "cli/outcome.h"
#include "links/options.h"

/* Read the invitation, fetch its bucket whole, look at it, try every entry, and tell the link. The
 * server is asked one thing, which is the same for each of the links in the bucket. */
enum outcome link_follow(struct links_options *options, const struct stop_source *stop);

#endif
