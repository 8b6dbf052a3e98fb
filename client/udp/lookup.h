/* Name lookup that ends the moment a stop is asked. */
#ifndef REUNION_UDP_LOOKUP_H
#define REUNION_UDP_LOOKUP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/stop.h"

enum { LOOKUP_ADDRESSES_MAX = 8 };

/* The addresses of a host, with a port, in the order in which they are to be tried (RFC 6724). */
struct host_addresses {
    struct sockaddr_storage at[LOOKUP_ADDRESSES_MAX];
    socklen_t bytes[LOOKUP_ADDRESSES_MAX];
    size_t count;
};

/* Look up a name, or read a literal address, IPv6 without brackets. "localhost" is this machine,
 * whatever a name service says. The name service is asked in a thread of its own; after a stop that
 * ends by itself. Waits 20 s at most.
 * Returns: 0 and at least one address; -ENOENT (no such name); -ETIMEDOUT (the name service does
 * not answer); -ECANCELED; -ENOMEM; -EIO (no thread, no descriptor). */
MUST_CHECK int lookup_host(struct host_addresses *addresses, const char *host, uint16_t port,
                           const struct stop_source *stop);

#endif
