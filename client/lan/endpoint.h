/* The sockets of one network interface for one address family. */
#ifndef REUNION_LAN_ENDPOINT_H
#define REUNION_LAN_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "lan/interfaces.h"
#include "lan/source.h"

/* DESIGN: one socket, bound to the interface's own address and a port that the system chose,
 * sends everything and receives what is sent to us alone: others know us by its address and
 * port. A second socket receives what is sent to the group on this interface. Nothing here
 * blocks. A datagram for which there is no room is dropped, as it may be anywhere in the
 * network. */

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
