/* Addresses of clients and of trusted proxies. */
#ifndef REUNION_DAEMON_CLIENT_ADDRESS_H
#define REUNION_DAEMON_CLIENT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

enum { CLIENT_ADDRESS_BYTES = 16, CLIENT_HASH_KEY_BYTES = 16, PROXIES_MAX = 16 };

/* Of version 6, one of version 4 as ::ffff:a.b.c.d. */
struct client_address {
    uint8_t bytes[CLIENT_ADDRESS_BYTES];
};

struct network {
    struct client_address address;
    unsigned bits; /* that count, of 128 */
};

struct proxies {
    struct network networks[PROXIES_MAX];
    size_t count;
};

/* Make a network of 64 bits of version 6 the one of 48 bits that it is part of. Returns: whether it
 * is of version 6; else nothing is changed. */
bool client_address_widen(struct client_address *address);

/* The SipHash, never 0, by which an address is told apart: of itself, or with `widened` of the
 * network that client_address_widen made of it. Any thread. */
uint64_t client_address_hash(const struct client_address *client, bool widened,
                             const uint8_t key[static CLIENT_HASH_KEY_BYTES]);

/* Read "ADDRESS" or "ADDRESS/BITS" and add it. Returns: 0, -EINVAL, -ENOSPC (too many). */
MUST_CHECK int proxies_add(struct proxies *proxies, const char *text);

/* What the other end of a connection is; decided once. */
enum peer_address_kind {
    PEER_CLIENT, /* itself the client */
    PEER_LOCAL,  /* on this machine and no listed proxy: not limited */
    PEER_PROXY,  /* a listed proxy */
    PEER_SOCKET, /* at a unix socket: a proxy, too, or a client that has no address */
};

struct peer_address {
    enum peer_address_kind kind;
    struct client_address address; /* zeros at a unix socket */
};

struct peer_address peer_address_of(const struct proxies *proxies, const struct sockaddr *address);

/* An address without port or brackets, of `length` bytes. Returns: 0, -EBADMSG. */
MUST_CHECK int client_address_parse(const char *text, size_t length,
                                    struct client_address *address);

/* Whether an address is one of this machine's own, for itself alone. */
bool client_address_is_loopback(const struct client_address *address);

/* What an address counts as: of version 6 its network of 64 bits, as whoever has one address of it
 * has as a rule all of them. */
struct client_address client_address_counted(const struct client_address *address);

/* Whether an address is a trusted proxy's. */
bool proxies_have(const struct proxies *proxies, const struct client_address *address);

#endif
