#include "lan/interfaces.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int interfaces_wish_address(struct interfaces_wish *wish, const char *text)
{
    struct interface *address = &wish->address;
    if (inet_pton(AF_INET, text, &address->ipv4) == 1)
        wish->one_address = address->ipv4.s_addr != htonl(INADDR_ANY);
    else if (inet_pton(AF_INET6, text, &address->ipv6) == 1)
        wish->one_address = address->is_ipv6 = true;
    else
        return -EINVAL;
    return 0;
}

/* What an entry of the system's list tells. Returns: whether it is one that counts. */
static bool read_entry(struct interface *interface, const struct ifaddrs *entry)
{
    bool is_local = (entry->ifa_flags & IFF_LOOPBACK) != 0;
    if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP) ||
        (!is_local && !(entry->ifa_flags & IFF_MULTICAST)))
        return false;
    *interface = (struct interface){.index = if_nametoindex(entry->ifa_name)};
    strncpy(interface->name, entry->ifa_name, IF_NAMESIZE - 1);
    if (entry->ifa_addr->sa_family == AF_INET) {
        struct sockaddr_in address;
        memcpy(&address, entry->ifa_addr, sizeof address);
        interface->ipv4 = address.sin_addr;
        return interface->index > 0;
    }
    if (entry->ifa_addr->sa_family == AF_INET6) {
        struct sockaddr_in6 address;
        memcpy(&address, entry->ifa_addr, sizeof address);
        interface->is_ipv6 = true;
        interface->ipv6 = address.sin6_addr;
        return interface->index > 0 && IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr);
    }
    return false;
}

static bool same_address(const struct interface *a, const struct interface *b)
{
    return a->is_ipv6 == b->is_ipv6 && (a->is_ipv6 ? memcmp(&a->ipv6, &b->ipv6, sizeof a->ipv6) == 0
                                                   : a->ipv4.s_addr == b->ipv4.s_addr);
}

bool interface_same(const struct interface *a, const struct interface *b)
{
    return a->index == b->index && same_address(a, b);
}

static bool is_wished(const struct interfaces_wish *wish, const struct interface *interface)
{
    if (wish->one_address && !same_address(&wish->address, interface))
        return false;
    for (size_t i = 0; i < wish->name_count; i++)
        if (strcmp(wish->names[i], interface->name) == 0)
            return true;
    return wish->name_count == 0;
}

/* Whether one of that interface and family is among them already. */
static bool is_listed(const struct interface *found, size_t count,
                      const struct interface *interface)
{
    for (size_t i = 0; i < count; i++)
        if (found[i].index == interface->index && found[i].is_ipv6 == interface->is_ipv6)
            return true;
    return false;
}

int interfaces_list(const struct interfaces_wish *wish,
                    struct interface found[static INTERFACES_MAX], size_t *count)
{
    struct ifaddrs *entries;
    if (getifaddrs(&entries))
        return -errno;
    *count = 0;
    for (const struct ifaddrs *entry = entries; entry && *count < INTERFACES_MAX;
         entry = entry->ifa_next) {
        struct interface interface;
        if (read_entry(&interface, entry) && is_wished(wish, &interface) &&
            !is_listed(found, *count, &interface))
            found[(*count)++] = interface;
    }
    freeifaddrs(entries);
    return 0;
}

int interfaces_watch(void)
{
    struct sockaddr_nl groups = {.nl_family = AF_NETLINK,
                                 .nl_groups =
                                     RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    int watch = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (watch >= 0 && bind(watch, (struct sockaddr *)&groups, sizeof groups)) {
        close(watch);
        watch = -1;
    }
    return watch;
}

void interfaces_drain(int watch)
{
    uint8_t ignored[4096];
    while (recv(watch, ignored, sizeof ignored, 0) > 0 || errno == ENOBUFS || errno == EINTR)
        errno = 0;
}
