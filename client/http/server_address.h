/* Server addresses as users write them, and what a network observer sees of each kind. */
#ifndef REUNION_HTTP_SERVER_ADDRESS_H
#define REUNION_HTTP_SERVER_ADDRESS_H

#include <stdbool.h>

#include "base/err.h"
#include "box/address.h"

/* DESIGN: five forms are known:
 *
 *   https://HOST[:PORT][/PATH], http://HOST[:PORT][/PATH]
 *   unix:PATH                              a socket of this machine
 *   http+unix://PERCENT-ENCODED-PATH[/…]   the same, with a path of its own behind
 *   box://HOST[:PORT]#KEY                  the box transport, see box/address.h
 *   box+udp://HOST[:PORT]#KEY              the same by packets, which carry no HTTP
 *
 * Elsewhere a user name, a query or a fragment is refused: a server has no use for it, and logs
 * keep it. */

enum {
    SERVER_ADDRESS_BYTES_MAX = 1024,
    SERVER_ADDRESS_SOCKET_BYTES = 108, /* what the system takes, with the terminating zero */
};

struct server_address {
    char base[SERVER_ADDRESS_BYTES_MAX]; /* without a slash at its end; paths are put behind it */
    char socket[SERVER_ADDRESS_SOCKET_BYTES]; /* empty: over the network */
    bool https;
    bool onion;    /* .onion: reached and encrypted by Tor */
    bool loopback; /* this machine, whatever the name service says */
    bool boxed;    /* encrypted to the key of `box`; the base is what HTTP is told inside, if it is
                    * not packets that go there: box.packets */
    struct box_address box;
};

/* Read an address.
 * Returns: 0; -EINVAL (none of these forms, or too long); -ENOENT (a box address without a key);
 * -EDESTADDRREQ (of a box address, host or port are malformed); -EBADMSG (its key is, or has small
 * order, so nobody can have it); -ENOMEM. Any thread. */
MUST_CHECK int server_address_parse(struct server_address *address, const char *text);

/* Whether two addresses are of the same server: the same key, or the same socket, or else the
 * same URL but for slashes at its end, the case of the host, a port that is left out, and localhost
 * instead of one of this machine's own addresses. Any thread. */
bool server_address_is_same(const struct server_address *one, const struct server_address *other);

#endif
