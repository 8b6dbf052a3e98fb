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

static socklen_t address_bytes(const struct lan_way *way)
{
    return way->interface.is_ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static union address own_address(const struct lan_way *way)
{
    union address address = {.any = {0}};
    if (way->interface.is_ipv6)
        address.ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
                                             .sin6_addr = way->interface.ipv6,
                                             .sin6_scope_id = way->interface.index};
    else
        address.ipv4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = way->interface.ipv4};
    return address;
}

static union address group_address(const struct lan_way *way)
{
    union address address = {.any = {0}};
    if (way->interface.is_ipv6)
        address.ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
                                             .sin6_addr = way->groups.ipv6,
                                             .sin6_port = htons(way->groups.port),
                                             .sin6_scope_id = way->interface.index};
    else
        address.ipv4 = (struct sockaddr_in){.sin_family = AF_INET,
                                            .sin_addr = way->groups.ipv4,
                                            .sin_port = htons(way->groups.port)};
    return address;
}

static int set(int socket, int level, int option, int value)
{
    return setsockopt(socket, level, option, &value, sizeof value);
}

static int open_socket(const struct lan_way *way)
{
    int family = way->interface.is_ipv6 ? AF_INET6 : AF_INET;
    int opened = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (opened >= 0)
        (void)set(opened, SOL_SOCKET, SO_RCVBUF, RECEIVE_ROOM_BYTES); /* as much as there is */
    return opened;
}

/* Where multicast of the sending socket goes: this interface, no further, and to this machine. */
static int aim(const struct lan_way *way)
{
    int index = (int)way->interface.index;
    if (way->interface.is_ipv6)
        return set(way->own, IPPROTO_IPV6, IPV6_MULTICAST_IF, index) ||
                       set(way->own, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, LINK_ALONE) ||
                       set(way->own, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1)
                   ? -1
                   : 0;
    struct ip_mreqn interface = {.imr_address = way->interface.ipv4, .imr_ifindex = index};
    return setsockopt(way->own, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface) ||
                   set(way->own, IPPROTO_IP, IP_MULTICAST_TTL, LINK_ALONE) ||
                   set(way->own, IPPROTO_IP, IP_MULTICAST_LOOP, 1)
               ? -1
               : 0;
}

/* Hear the group on this interface, and nothing that other programs have joined. */
static int join(const struct lan_way *way)
{
    if (way->interface.is_ipv6) {
        struct ipv6_mreq group = {.ipv6mr_multiaddr = way->groups.ipv6,
                                  .ipv6mr_interface = way->interface.index};
        return set(way->group, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0) ||
                       setsockopt(way->group, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group,
                                  sizeof group)
                   ? -1
                   : 0;
    }
    struct ip_mreqn group = {.imr_multiaddr = way->groups.ipv4,
                             .imr_address = way->interface.ipv4,
                             .imr_ifindex = (int)way->interface.index};
    return set(way->group, IPPROTO_IP, IP_MULTICAST_ALL, 0) ||
                   setsockopt(way->group, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group)
               ? -1
               : 0;
}

static int open_sockets(struct lan_way *way)
{
    union address own = own_address(way), group = group_address(way);
    way->own = open_socket(way);
    way->group = open_socket(way);
    return way->own < 0 || way->group < 0 || aim(way) ||
                   bind(way->own, &own.any, address_bytes(way)) ||
                   set(way->group, SOL_SOCKET, SO_REUSEADDR, 1) ||
                   bind(way->group, &group.any, address_bytes(way)) || join(way)
               ? -1
               : 0;
}

int lan_way_open(struct lan_way *way, const struct interface *interface,
                 const struct lan_way_groups *groups, int *trouble)
{
    struct lan_way opened = {.interface = *interface, .groups = *groups, .own = -1, .group = -1};
    if (open_sockets(&opened)) {
        *trouble = errno;
        lan_way_close(&opened);
        return -EIO;
    }
    *way = opened;
    return 0;
}

void lan_way_close(struct lan_way *way)
{
    if (way->own >= 0)
        close(way->own);
    if (way->group >= 0)
        close(way->group);
    way->own = way->group = -1;
}

/* host: index (4)  address (16), IPv4 ones in IPv6 form (RFC 4291, 2.5.5.2). */
static void source_of(struct lan_source *source, const struct lan_way *way,
                      const union address *address)
{
    uint32_t index = way->interface.index;
    memset(source, 0, sizeof *source);
    memcpy(source->host, &index, sizeof index);
    if (way->interface.is_ipv6) {
        memcpy(source->host + 4, &address->ipv6.sin6_addr, 16);
        memcpy(source->port, &address->ipv6.sin6_port, 2);
    } else {
        source->host[14] = source->host[15] = 0xff;
        memcpy(source->host + 16, &address->ipv4.sin_addr, 4);
        memcpy(source->port, &address->ipv4.sin_port, 2);
    }
}

ssize_t lan_way_receive(const struct lan_way *way, int socket, uint8_t *bytes, size_t room,
                        struct lan_source *source)
{
    union address from;
    socklen_t from_bytes = sizeof from;
    ssize_t length = recvfrom(socket, bytes, room, 0, &from.any, &from_bytes);
    if (length >= 0) {
        source_of(source, way, &from);
        return length;
    }
    /* Errors of a datagram that could not be delivered come here too, and mean nothing. */
    return errno == ENETDOWN || errno == ENODEV || errno == EBADF ? -EIO : -EAGAIN;
}

static int send_to(const struct lan_way *way, const union address *to, const uint8_t *bytes,
                   size_t length)
{
    ssize_t sent = sendto(way->own, bytes, length, MSG_NOSIGNAL, &to->any, address_bytes(way));
    return sent < 0 ? -errno : 0;
}

int lan_way_send_all(const struct lan_way *way, const uint8_t *bytes, size_t length)
{
    union address group = group_address(way);
    return send_to(way, &group, bytes, length);
}

bool lan_way_has(const struct lan_way *way, const struct lan_source *to)
{
    static const uint8_t ipv4_mark[12] = {[10] = 0xff, [11] = 0xff};
    uint32_t index = way->interface.index;
    bool is_ipv4 = memcmp(to->host + 4, ipv4_mark, sizeof ipv4_mark) == 0;
    return memcmp(to->host, &index, sizeof index) == 0 && is_ipv4 != way->interface.is_ipv6;
}

int lan_way_send(const struct lan_way *way, const struct lan_source *to, const uint8_t *bytes,
                 size_t length)
{
    union address address = own_address(way); /* for its family and scope */
    if (way->interface.is_ipv6) {
        memcpy(&address.ipv6.sin6_addr, to->host + 4, 16);
        memcpy(&address.ipv6.sin6_port, to->port, 2);
    } else {
        memcpy(&address.ipv4.sin_addr, to->host + 16, 4);
        memcpy(&address.ipv4.sin_port, to->port, 2);
    }
    return send_to(way, &address, bytes, length);
}
