/* The UDP sockets that lead to one server, until one of its addresses has answered. */
#ifndef REUNION_UDP_PATH_H
#define REUNION_UDP_PATH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "udp/lookup.h"

/* DESIGN: each address of the server gets a connected socket, so that the system reports a port
 * where nobody listens and drops what comes from elsewhere. Each datagram goes to the next address
 * in turn, and answers count from all of them; the first address that answers is used alone from
 * then on. One where nobody listens, or to which there is no route, is used no more. One thread. */

struct udp_path {
    struct host_addresses addresses;
    int sockets[LOOKUP_ADDRESSES_MAX]; /* -1: not opened yet, or closed */
    bool failed[LOOKUP_ADDRESSES_MAX];
    size_t next; /* to be tried */
    bool chosen; /* `next` has answered */
    int reason;  /* errno of the last address that failed */
};

/* Ready for the first datagram; nothing is opened yet. `addresses` has at least one. */
void udp_path_open(struct udp_path *path, const struct host_addresses *addresses);

/* Close all sockets; may be repeated. */
void udp_path_close(struct udp_path *path);

/* Send a datagram to the address that answered, or else to the next one.
 * Returns: 0 (it may be lost all the same), -EHOSTUNREACH (no address is left, see `reason`). */
MUST_CHECK int udp_path_send(struct udp_path *path, const uint8_t *datagram, size_t bytes);

/* Take a datagram that has come, of at most `room` bytes; one that is longer has `room` + 1.
 * `from` is for udp_path_choose.
 * Returns: 0; -EAGAIN (there is none now); -ENOTCONN (nothing can come: each address to which
 * something was sent has failed, see `reason`; others may be left). */
MUST_CHECK int udp_path_receive(struct udp_path *path, uint8_t *datagram, size_t room,
                                size_t *bytes, size_t *from);

/* The address with this number is the server's: use it alone. */
void udp_path_choose(struct udp_path *path, size_t from);

/* What to wait for, at most LOOKUP_ADDRESSES_MAX. Returns: how many. */
size_t udp_path_waits(const struct udp_path *path, struct pollfd *waits);

#endif
