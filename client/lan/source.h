/* Who sent a datagram: on a local network, a program is its address and port. */
#ifndef REUNION_LAN_SOURCE_H
#define REUNION_LAN_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* DESIGN: the protocol compares sources and never looks into them; what is in them is the business
 * of whoever has the sockets. The host is what work is shared out by, so it must be something that
 * a computer has few of. */

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
