/* Mailboxes over packets of the box transport: the server sees this machine's address. */
#ifndef REUNION_CLIENT_GROUP_POST_PACKETS_H
#define REUNION_CLIENT_GROUP_POST_PACKETS_H

#include "base/random.h"
#include "group/post.h"
#include "udp/packets.h"

/* Make a post over `packets`, which stay the caller's and must outlive it, to the server with that
 * key. Each request has a key and a port of its own, so that neither two mailboxes of a device nor
 * two copies of a message show that they belong together, but by time and address.
 * Returns: 0 and a post to be released by its verb `free`; -ENOMEM. */
MUST_CHECK int post_packets_open(struct post **post, struct packets *packets,
                                 const uint8_t server_public[static GROUP_KEY_BYTES],
                                 const struct random_source *random);

#endif
