#include "mix/endpoint.h"

#include <arpa/inet.h>
#include <string.h>

enum { V4_AT = 12 };

static const uint8_t v4_prefix[V4_AT] = {[10] = 0xff, [11] = 0xff};

bool endpoint_path(struct datagram_path *path, const struct mix_endpoint *to,
                   const int sockets[static 2])
{
    bool is_v4 = memcmp(to->address, v4_prefix, sizeof v4_prefix) == 0;
    *path = (struct datagram_path){.socket = sockets[is_v4 ? 0 : 1]};
    if (is_v4) {
        path->peer.v4.sin_family = AF_INET;
        path->peer.v4.sin_port = htons(to->port);
        memcpy(&path->peer.v4.sin_addr, to->address + V4_AT, sizeof path->peer.v4.sin_addr);
    } else {
        path->peer.v6.sin6_family = AF_INET6;
        path->peer.v6.sin6_port = htons(to->port);
        memcpy(&path->peer.v6.sin6_addr, to->address, sizeof path->peer.v6.sin6_addr);
    }
    return path->socket >= 0;
}

void endpoint_of_path(struct mix_endpoint *from, const struct datagram_path *path)
{
    if (path->peer.any.sa_family == AF_INET6) {
        from->port = ntohs(path->peer.v6.sin6_port);
        memcpy(from->address, &path->peer.v6.sin6_addr, sizeof from->address);
    } else {
        from->port = ntohs(path->peer.v4.sin_port);
        memcpy(from->address, v4_prefix, sizeof v4_prefix);
        memcpy(from->address + V4_AT, &path->peer.v4.sin_addr, sizeof path->peer.v4.sin_addr);
    }
}
