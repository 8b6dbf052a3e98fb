#include "lan/endpoint.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for what comes while a session is begun. */
enum { RECEIVE_ROOM_BYTES = 1 << 20, LINK_ALONE = 1 };

union address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

static socklen_t address_bytes(const struct lan_endpoint *endpoint)
{
    return endpoint->interface.is_ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static union address own_address(const struct lan_endpoint *endpoint)
{
    union address address = {.any = {0}};
    if (endpoint->interface.is_ipv6)
        address.ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
                                             .sin6_addr = endpoint->interface.ipv6,
                                             .sin6_scope_id = endpoint->interface.index};
    else
        address.ipv4 =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = endpoint->interface.ipv4};
    return address;
}

static union address group_address(const struct lan_endpoint *endpoint)
{
    union address address = {.any = {0}};
    if (endpoint->interface.is_ipv6)
        address.ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
                                             .sin6_addr = endpoint->groups.ipv6,
                                             .sin6_port = htons(endpoint->groups.port),
                                             .sin6_scope_id = endpoint->interface.index};
    else
        address.ipv4 = (struct sockaddr_in){.sin_family = AF_INET,
                                            .sin_addr = endpoint->groups.ipv4,
                                            .sin_port = htons(endpoint->groups.port)};
    return address;
}

static int set(int socket, int level, int option, int value)
{
    return setsockopt(socket, level, option, &value, sizeof value);
}

static int open_socket(const struct lan_endpoint *endpoint)
{
    int family = endpoint->interface.is_ipv6 ? AF_INET6 : AF_INET;
    int opened = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (opened >= 0)
        (void)set(opened, SOL_SOCKET, SO_RCVBUF, RECEIVE_ROOM_BYTES); /* as much as there is */
    return opened;
}

/* Where multicast of the sending socket goes: this interface, no further, and to this machine. */
static int aim(const struct lan_endpoint *endpoint)
{
    int index = (int)endpoint->interface.index;
    if (endpoint->interface.is_ipv6)
        return set(endpoint->own, IPPROTO_IPV6, IPV6_MULTICAST_IF, index) ||
                       set(endpoint->own, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, LINK_ALONE) ||
                       set(endpoint->own, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1)
                   ? -1
                   : 0;
    struct ip_mreqn interface = {.imr_address = endpoint->interface.ipv4, .imr_ifindex = index};
    return setsockopt(endpoint->own, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface) ||
                   set(endpoint->own, IPPROTO_IP, IP_MULTICAST_TTL, LINK_ALONE) ||
                   set(endpoint->own, IPPROTO_IP, IP_MULTICAST_LOOP, 1)
               ? -1
               : 0;
}

/* Hear the group on this interface, and nothing that other programs have joined. */
static int join(const struct lan_endpoint *endpoint)
{
    if (endpoint->interface.is_ipv6) {
        struct ipv6_mreq group = {.ipv6mr_multiaddr = endpoint->groups.ipv6,
                                  .ipv6mr_interface = endpoint->interface.index};
        return set(endpoint->group, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0) ||
                       setsockopt(endpoint->group, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group,
                                  sizeof group)
                   ? -1
                   : 0;
    }
    struct ip_mreqn group = {.imr_multiaddr = endpoint->groups.ipv4,
                             .imr_address = endpoint->interface.ipv4,
                             .imr_ifindex = (int)endpoint->interface.index};
    return set(endpoint->group, IPPROTO_IP, IP_MULTICAST_ALL, 0) ||
                   setsockopt(endpoint->group, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group)
               ? -1
               : 0;
}

static int open_sockets(struct lan_endpoint *endpoint)
{
    union address own = own_address(endpoint), group = group_address(endpoint);
    endpoint->own = open_socket(endpoint);
    endpoint->group = open_socket(endpoint);
    return endpoint->own < 0 || endpoint->group < 0 || aim(endpoint) ||
                   bind(endpoint->own, &own.any, address_bytes(endpoint)) ||
                   set(endpoint->group, SOL_SOCKET, SO_REUSEADDR, 1) ||
                   bind(endpoint->group, &group.any, address_bytes(endpoint)) || join(endpoint)
               ? -1
               : 0;
}

int lan_endpoint_open(struct lan_endpoint *endpoint, const struct interface *interface,
                      const struct lan_groups *groups, int *trouble)
{
    struct lan_endpoint opened = {
        .interface = *interface, .groups = *groups, .own = -1, .group = -1};
    if (open_sockets(&opened)) {
        *trouble = errno;
        lan_endpoint_close(&opened);
        return -EIO;
    }
    *endpoint = opened;
    return 0;
}

void lan_endpoint_close(struct lan_endpoint *endpoint)
{
    if (endpoint->own >= 0)
        close(endpoint->own);
    if (endpoint->group >= 0)
        close(endpoint->group);
    endpoint->own = endpoint->group = -1;
}

/* host: index (4)  address (16), IPv4 ones in IPv6 form (RFC 4291, 2.5.5.2). */
static void source_of(struct lan_source *source, const struct lan_endpoint *endpoint,
                      const union address *address)
{
    uint32_t index = endpoint->interface.index;
    memset(source, 0, sizeof *source);
    memcpy(source->host, &index, sizeof index);
    if (endpoint->interface.is_ipv6) {
        memcpy(source->host + 4, &address->ipv6.sin6_addr, 16);
        memcpy(source->port, &address->ipv6.sin6_port, 2);
    } else {
        source->host[14] = source->host[15] = 0xff;
        memcpy(source->host + 16, &address->ipv4.sin_addr, 4);
        memcpy(source->port, &address->ipv4.sin_port, 2);
    }
}

ssize_t lan_endpoint_receive(const struct lan_endpoint *endpoint, int socket, uint8_t *bytes,
                             size_t room, struct lan_source *source)
{
    union address from;
    socklen_t from_bytes = sizeof from;
    ssize_t length = recvfrom(socket, bytes, room, 0, &from.any, &from_bytes);
    if (length >= 0) {
        source_of(source, endpoint, &from);
        return length;
    }
    /* Errors of a datagram that could not be delivered come here too, and mean nothing. */
    return errno == ENETDOWN || errno == ENODEV || errno == EBADF ? -EIO : -EAGAIN;
}

static int send_to(const struct lan_endpoint *endpoint, const union address *to,
                   const uint8_t *bytes, size_t length)
{
    ssize_t sent =
        sendto(endpoint->own, bytes, length, MSG_NOSIGNAL, &to->any, address_bytes(endpoint));
    return sent < 0 ? -errno : 0;
}

int lan_endpoint_send_all(const struct lan_endpoint *endpoint, const uint8_t *bytes, size_t length)
{
    union address group = group_address(endpoint);
    return send_to(endpoint, &group, bytes, length);
}

bool lan_endpoint_has(const struct lan_endpoint *endpoint, const struct lan_source *to)
{
    static const uint8_t ipv4_mark[12] = {[10] = 0xff, [11] = 0xff};
    uint32_t index = endpoint->interface.index;
    bool is_ipv4 = memcmp(to->host + 4, ipv4_mark, sizeof ipv4_mark) == 0;
    return memcmp(to->host, &index, sizeof index) == 0 && is_ipv4 != endpoint->interface.is_ipv6;
}

int lan_endpoint_send(const struct lan_endpoint *endpoint, const struct lan_source *to,
                      const uint8_t *bytes, size_t length)
{
    union address address = own_address(endpoint); /* for its family and scope */
    if (endpoint->interface.is_ipv6) {
        memcpy(&address.ipv6.sin6_addr, to->host + 4, 16);
        memcpy(&address.ipv6.sin6_port, to->port, 2);
    } else {
        memcpy(&address.ipv4.sin_addr, to->host + 16, 4);
        memcpy(&address.ipv4.sin_port, to->port, 2);
    }
    return send_to(endpoint, &address, bytes, length);
}
