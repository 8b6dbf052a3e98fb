/* The client's address of a request: the peer, or the address that a trusted proxy names. */
#ifndef REUNION_DAEMON_CLIENT_ADDRESS_H
#define REUNION_DAEMON_CLIENT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

/* DESIGN: the headers are untrusted but for the part that a trusted proxy has added, which is
 * the last. So entries are read from the right, past further trusted proxies. If the headers, or
 * the entry that counts, cannot be parsed, the peer itself is the client: spoiling them gains
 * nothing. A proxy sets one of X-Forwarded-For and Forwarded and passes the other on from its
 * client; so where both are present, they have to agree. */

enum {
    CLIENT_ADDRESS_BYTES = 16,
    CLIENT_HASH_KEY_BYTES = 16,
    PROXIES_MAX = 16,
    FORWARDED_LINES_MAX = 8
};

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

/* The lines of the two headers, as they stand in a request, in order. Where there are more than fit
 * the count says so, and the rest is not kept. */
struct forwarded_lines {
    const char *lines[FORWARDED_LINES_MAX];
    size_t count;
};

/* The client by X-Forwarded-For (addresses, with commas between) or by Forwarded (RFC 7239).
 * Untrusted text; these are what fuzzing has to look at.
 * Returns: 0, -ENOENT (there is no entry), -EBADMSG (malformed, or the entry that counts is no
 * address). */
MUST_CHECK int forwarded_for_x(const struct proxies *proxies, const struct forwarded_lines *lines,
                               struct client_address *client);
MUST_CHECK int forwarded_for(const struct proxies *proxies, const struct forwarded_lines *lines,
                             struct client_address *client);

/* Whom a request counts for, a network of 64 bits where it is of version 6.
 * Returns: whether it is to be limited at all. */
bool client_of(const struct proxies *proxies, const struct peer_address *peer,
               const struct forwarded_lines *x_forwarded_for,
               const struct forwarded_lines *forwarded, struct client_address *client);

#endif
