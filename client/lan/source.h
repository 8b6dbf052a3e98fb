/* The source of a datagram: an address and a port. */
#ifndef REUNION_LAN_SOURCE_H
#define REUNION_LAN_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* DESIGN: the protocol only compares sources; their content belongs to the code that has the
 * sockets. Work is shared out by host, so a host must be something of which a computer has few. */

enum { LAN_HOST_BYTES = 20 };

struct lan_source {
    uint8_t host[LAN_HOST_BYTES]; /* the endpoint it came by, and the address */
    uint8_t port[2];
};

static inline bool lan_source_same(const struct lan_source *a, const struct lan_source *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

#endif
