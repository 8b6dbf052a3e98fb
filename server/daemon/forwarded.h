/* The client of a request by the headers Forwarded and X-Forwarded-For of trusted proxies. */
#ifndef REUNION_DAEMON_FORWARDED_H
#define REUNION_DAEMON_FORWARDED_H

#include "daemon/client_address.h"

/* DESIGN: the headers are untrusted but for the part that a trusted proxy has added, which is
 * the last. So entries are read from the right, past further trusted proxies. If the headers, or
 * the entry that counts, cannot be parsed, the peer itself is the client: spoiling them gains
 * nothing. A proxy sets one of X-Forwarded-For and Forwarded and passes the other on from its
 * client; so where both are present, they have to agree. */

enum { FORWARDED_LINES_MAX = 8 };

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
