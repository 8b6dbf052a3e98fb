/* The network interfaces of this machine, and when they change. */
#ifndef REUNION_LAN_INTERFACES_H
#define REUNION_LAN_INTERFACES_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* DESIGN: an interface counts once for each family it has an address of: with IPv4 its first
 * address, with IPv6 its link-local one. Those that are down, or take no multicast, do not count;
 * the loopback one does, for others on this machine. */

enum { INTERFACES_MAX = 64 };

struct interface {
    char name[IF_NAMESIZE];
    unsigned index;
    bool is_ipv6;
    struct in_addr ipv4;
    struct in6_addr ipv6;
};

/* What is to be found. */
struct interfaces_wish {
    const char *const *names; /* these alone; none: all */
    size_t name_count;
    bool one_address; /* only the interface that has this address, and its family */
    struct interface address;
};

/* Read "0.0.0.0" (all), or an address of IPv4 or IPv6 into a wish. Returns: 0, -EINVAL. */
MUST_CHECK int interfaces_wish_address(struct interfaces_wish *wish, const char *text);

/* List those that are there now. Returns: 0, or the system's error. */
MUST_CHECK int interfaces_list(const struct interfaces_wish *wish,
                               struct interface found[static INTERFACES_MAX], size_t *count);

bool interface_same(const struct interface *a, const struct interface *b);

/* A descriptor that becomes readable when interfaces or addresses change, or -1 where the system
 * gives none; to be drained and closed. */
int interfaces_watch(void);
void interfaces_drain(int watch);

#endif
