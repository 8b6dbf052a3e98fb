/* Parsing of the headers Forwarded and X-Forwarded-For, for client_address.c. */
#ifndef REUNION_DAEMON_FORWARDED_H
#define REUNION_DAEMON_FORWARDED_H

#include "daemon/client_address.h"

/* An address without port or brackets, of `length` bytes. Returns: 0, -EBADMSG. */
MUST_CHECK int client_address_parse(const char *text, size_t length,
                                    struct client_address *address);

/* Whether an address is a trusted proxy's. */
bool proxies_have(const struct proxies *proxies, const struct client_address *address);

#endif
