/* The server's part of the handshake on a connection. */
#ifndef REUNION_SERVER_BOX_GREETING_H
#define REUNION_SERVER_BOX_GREETING_H

#include "box/tunnel.h"

/* Read what has come of the Hello or the Vouch, and answer the Hello with a Cookie. The tunnel's
 * phase becomes TUNNEL_VOUCH, TUNNEL_REFUSED or, with both directions ready, TUNNEL_OPEN. The
 * tunnels' thread. */
void greeting_read(struct tunnel *tunnel);

/* Read and drop what has come. The tunnels' thread. Returns: whether the client has ended its
 * direction, or the connection. */
bool greeting_discard(struct tunnel *tunnel);

#endif
