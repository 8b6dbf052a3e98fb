/* Datagrams in batches: received with the address that they came to, and sent from there. */
#ifndef REUNION_DAEMON_DATAGRAMS_H
#define REUNION_DAEMON_DATAGRAMS_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "box/packet.h"

/* DESIGN: a system call for each datagram would be most of what a request takes, so up to
 * DATAGRAMS_BATCH are received, and sent, by one. Those in a row for one peer, as the last mix of a
 * chain is, go down to the device as one (UDP_SEGMENT), or one by one where there is no such thing.
 * On a machine with several addresses an answer goes out from the one that its request came to
 * (IP_PKTINFO, RFC 3542 for version 6): another would be nothing that the client, or what stands
 * before it, waits for. Sending waits a moment for room with the system, receiving for nothing. */

enum { DATAGRAMS_BATCH = 32 };

/* Where a datagram came from and where to. */
struct datagram_path {
    int socket;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer;
    union {
        struct in_pktinfo v4;
        struct in6_pktinfo v6;
    } local; /* zeros, where it is sent: the address that the socket is bound to, or any */
};

struct datagram {
    struct datagram_path path;
    size_t bytes; /* 0 if it was longer than a packet can be */
    uint8_t data[BOX_PACKET_BYTES];
};

struct datagrams {
    struct datagram items[DATAGRAMS_BATCH];
    size_t count;
};

/* Have a socket say where its datagrams came to. Returns: 0, or the system's errno. */
MUST_CHECK int datagrams_prepare(int socket);

/* Receive what is there, at most a batch, in the place of what `batch` had; after an error nothing.
 */
void datagrams_receive(struct datagrams *batch, int socket);

/* Send all, each over the socket it names and from `local`, which the caller sets. What the system
 * does not take is lost, as datagrams may be. Returns: how many were not taken; `batch` is empty.
 */
size_t datagrams_send(struct datagrams *batch);

#endif
