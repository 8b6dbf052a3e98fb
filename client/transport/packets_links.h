/* Private links at a server that is reached by packets. */
#ifndef REUNION_TRANSPORT_PACKETS_LINKS_H
#define REUNION_TRANSPORT_PACKETS_LINKS_H

#include "base/err.h"
#include "transport/link_server.h"
#include "udp/packets.h"

/* Make a link server over `packets`, which stay the caller's and must outlive it. It has no
 * `current`: no request asks for that. Returns: 0 and a link server to be released by its verb
 * `free`; -ENOMEM. */
MUST_CHECK int packets_links_open(struct link_server **server, struct packets *packets);

#endif
