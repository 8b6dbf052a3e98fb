/* Leaving a link at a server. */
#ifndef REUNION_LINKS_CREATE_H
#define REUNION_LINKS_CREATE_H

#include "base/stop.h"
#include "cli/outcome.h"
#include "links/options.h"

/* DESIGN: what was posted is read back before the invitation is told, over other connections and,
 * at a SOCKS proxy, under another name, after a random pause there. To the server that is a reader
 * like any other: it learns that somebody read this bucket, as from every reader, and whether it
 * was who posted only where it sees both addresses anyhow. A server that loses links, or shows
 * others than it was given, is thus seen to, unless it guesses who asks; one that drops a link
 * later is not. */

/* Seal the link, post it, look at the bucket, read it back, and tell the invitation. */
enum outcome link_create(struct links_options *options, const struct stop_source *stop);

#endif
