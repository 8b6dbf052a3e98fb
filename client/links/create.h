/* The command `create`: post a private link and print its invitation. */
#ifndef REUNION_LINKS_CREATE_H
#define REUNION_LINKS_CREATE_H

#include "base/stop.h"
#include "cli/outcome.h"
#include "links/options.h"

/* DESIGN: a link that was posted is read back before its invitation is printed, over other
 * connections and, at a SOCKS proxy, under another name after a random pause. To the server that
 * looks like any other reader: it learns that somebody read this bucket, and who that was only
 * if it sees both addresses anyway. So a server that loses links, or shows others something
 * else, is detected unless it guesses who asks. A server that drops a link later is not. */

/* Seal the link, post it, look at the bucket, read it back, and tell the invitation. */
enum outcome link_create(struct links_options *options, const struct stop_source *stop);

#endif
