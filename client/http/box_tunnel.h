/* A client's end of one box stream: frames on a network socket, plain bytes on a local one. */
#ifndef REUNION_HTTP_BOX_TUNNEL_H
#define REUNION_HTTP_BOX_TUNNEL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"
#include "base/random.h"
#include "box/handshake.h"

/* DESIGN: a state machine without a thread. Its user polls what box_tunnel_waits names and calls
 * box_tunnel_step, which never blocks. For each exchange the HTTP library gets a local connection
 * of its own, which it takes for one to a server; the stream outlives them, and carries one
 * exchange after the other. One frame is buffered in each direction.
 *
 * A cut is never passed on as an end: the local socket ends where the stream says that it does, by
 * a frame without content. After a cut it stays open in silence, and box_tunnel_is_cut tells the
 * user to give the exchange up. Otherwise an answer that lasts until its connection closes would
 * look whole. Where nothing has been passed on in an exchange the cut does close the local socket,
 * since nothing cannot be taken for an answer.
 *
 * The structure holds the keys of the connection and both frames, in guarded memory. One thread at
 * a time. Source: box.md of the specification, "Stream". */

struct box_tunnel;

enum {
    BOX_TUNNEL_WAITS_MAX = 3,
};

enum box_tunnel_fault {
    BOX_TUNNEL_SOUND,
    BOX_TUNNEL_LEFT,      /* the connection ended before the whole Cookie had come */
    BOX_TUNNEL_WRONG_KEY, /* the Cookie is not one of that key */
    BOX_TUNNEL_CUT,       /* the connection ended without the frame that says so */
    BOX_TUNNEL_ALTERED,   /* a frame does not open or breaks a rule */
};

/* Begin the handshake on a connected non-blocking socket, `network`, which becomes the tunnel's in
 * any case. `own` is the client's lasting key pair; with NULL a fresh one is made.
 * Returns: 0; -EBADMSG (the key has small order); -ENOMEM. */
MUST_CHECK int box_tunnel_open(struct box_tunnel **tunnel, int network,
                               const uint8_t server_public[static BOX_KEY_BYTES],
                               const struct box_identity *own, const struct random_source *random);

/* Say the end of our direction where that can be sent at once, close all sockets, wipe and release;
 * NULL is fine. */
void box_tunnel_free(struct box_tunnel *tunnel);

/* What to poll for. Returns: how many entries of `waits` are filled. */
size_t box_tunnel_waits(const struct box_tunnel *tunnel, struct pollfd waits[BOX_TUNNEL_WAITS_MAX]);

/* Move what can be moved without blocking. */
void box_tunnel_step(struct box_tunnel *tunnel);

/* Whether the handshake is over. */
bool box_tunnel_has_greeted(const struct box_tunnel *tunnel);

/* Whether it is over, both directions are open, and nothing of an earlier exchange is left over, so
 * that another may begin. */
bool box_tunnel_is_ready(const struct box_tunnel *tunnel);

/* What ended the stream before its time. `reason`, if not NULL, gets the system's number for it; 0:
 * there is none. */
enum box_tunnel_fault box_tunnel_fault(const struct box_tunnel *tunnel, int *reason);

/* Begin an exchange: the local connection of the one before is closed. */
void box_tunnel_begin(struct box_tunnel *tunnel);

/* Offer the local connection to the HTTP library, once in an exchange. Returns: a descriptor, which
 * is the caller's, and the address to which it is to be connected; -1: it was offered before, or
 * there are no more sockets. */
int box_tunnel_offer(struct box_tunnel *tunnel, struct sockaddr_un *address,
                     socklen_t *address_bytes);

/* Whether anything was passed on to the HTTP library in this exchange. */
bool box_tunnel_has_passed(const struct box_tunnel *tunnel);

/* Whether the stream was cut or altered, and the HTTP library has read all that came before. */
bool box_tunnel_is_cut(const struct box_tunnel *tunnel);

#endif
