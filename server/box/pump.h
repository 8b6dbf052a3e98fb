/* The two directions of an open tunnel: frames on the network, plain bytes at the local end. */
#ifndef REUNION_SERVER_BOX_PUMP_H
#define REUNION_SERVER_BOX_PUMP_H

#include "box/tunnel.h"

/* Each moves what there is, at most a buffer full, and keeps what its reader does not take yet in
 * `inward` or `outward`; the tunnels' thread. They return 0, or a negative code after which the
 * tunnel is to be closed at once: the connection is broken, a frame breaks a rule, or there is no
 * memory. */

/* The network has sent something. */
MUST_CHECK int pump_inward(struct tunnel *tunnel);

/* The local end takes something again. */
MUST_CHECK int pump_deliver(struct tunnel *tunnel);

/* The local end has sent something; nothing is in `outward`. */
MUST_CHECK int pump_outward(struct tunnel *tunnel);

/* The network takes something again. */
MUST_CHECK int pump_flush(struct tunnel *tunnel);

/* Whether opened content waits for the local end. */
bool pump_is_blocked(const struct tunnel *tunnel);

/* Give buffers back, whatever is in them. */
void pump_release(struct tunnel *tunnel);

/* Release the tunnels' spare buffers. */
void pump_free_spare(struct tunnels *tunnels);

#endif
