/* Addresses of mixes and servers as the system's calls have them. */
#ifndef REUNION_SERVER_MIX_ENDPOINT_H
#define REUNION_SERVER_MIX_ENDPOINT_H

#include <stdbool.h>

#include "daemon/datagrams.h"
#include "mix/surb.h"

/* The path to an endpoint, from the socket for its version of IP: sockets[0] is for version 4,
 * sockets[1] for version 6, -1 where there is none. The system chooses the address to send from.
 * Returns: whether there is such a socket. */
bool endpoint_path(struct datagram_path *path, const struct mix_endpoint *to,
                   const int sockets[static 2]);

/* Where a datagram came from. */
void endpoint_of_path(struct mix_endpoint *from, const struct datagram_path *path);

#endif
