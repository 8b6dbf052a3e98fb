/* Listening sockets from addresses as text. */
#ifndef REUNION_HTTP_SOCKET_H
#define REUNION_HTTP_SOCKET_H

#include "base/err.h"

enum { ADDRESS_BYTES = 64 }; /* the longest "[v6]:port", with the terminating zero */

/* Listen on "ADDRESS:PORT", the address numeric, one of version 6 in brackets; port 0 is any that
 * is free. The socket, which does not block, is the caller's; `address` is what it has become.
 * Gives: 0, -EINVAL (no such form), -EBUSY (in use), -EACCES, -EIO. */
MUST_CHECK int socket_listen(const char *text, int *listening, char address[static ADDRESS_BYTES]);

#endif
