/* Private links at a version-1 server. */
#ifndef REUNION_TRANSPORT_V1_LINKS_H
#define REUNION_TRANSPORT_V1_LINKS_H

#include "base/err.h"
#include "http/http.h"
#include "transport/link_server.h"

/* Make a link server over `http`, which stays the caller's and must outlive it. Returns: 0 and a
 * link server to be released by its verb `free`; -ENOMEM. */
MUST_CHECK int v1_links_open(struct link_server **server, struct http *http);

#endif
