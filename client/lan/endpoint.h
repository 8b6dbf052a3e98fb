/* One endpoint: an interface, with the sockets for one family of addresses. */
#ifndef REUNION_LAN_ENDPOINT_H
#define REUNION_LAN_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "lan/interfaces.h"
#include "lan/source.h"

/* DESIGN: a socket of the interface's own address, with a port the system chose, sends everything
 * and hears what is sent to us alone: by its address and port others know us. A second one hears
 * what is sent to the group on this interface. Nothing here blocks; a datagram for which there is
 * no room is lost, as it may be anywhere on its way. */

/* Where everybody is. */
struct lan_groups {
    struct in_addr ipv4;
    struct in6_addr ipv6; /* of the link: ff02:: and so on */
    uint16_t port;
};

struct lan_endpoint {
    struct interface interface;
    struct lan_groups groups;
    int own, group; /* sockets */
};

/* Returns: 0; -EIO and what the system says in `trouble` (an errno). */
MUST_CHECK int lan_endpoint_open(struct lan_endpoint *endpoint, const struct interface *interface,
                                 const struct lan_groups *groups, int *trouble);
void lan_endpoint_close(struct lan_endpoint *endpoint);

/* Read the next datagram of one of its sockets. Returns: its length and source, or -EAGAIN (none
 * there), -EIO (the socket is of no more use). What does not fit is cut: `room` has to be larger
 * than what is wanted. */
MUST_CHECK ssize_t lan_endpoint_receive(const struct lan_endpoint *endpoint, int socket,
                                        uint8_t *bytes, size_t room, struct lan_source *source);

/* Send to everybody, or to a source if it came by this endpoint. Returns: 0, or what the system
 * says, negative. */
MUST_CHECK int lan_endpoint_send_all(const struct lan_endpoint *endpoint, const uint8_t *bytes,
                                     size_t length);
bool lan_endpoint_has(const struct lan_endpoint *endpoint, const struct lan_source *to);
MUST_CHECK int lan_endpoint_send(const struct lan_endpoint *endpoint, const struct lan_source *to,
                                 const uint8_t *bytes, size_t length);

#endif
