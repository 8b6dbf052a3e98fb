/* A connection within this process, made by a library that insists on connecting by itself. */
#ifndef REUNION_HTTP_LOCAL_CONNECTION_H
#define REUNION_HTTP_LOCAL_CONNECTION_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"

/* DESIGN: a socket pair would do, but libcurl 7.88 (Debian 12) calls connect() on every socket that
 * it is given, whatever CURL_SOCKOPT_ALREADY_CONNECTED says. So it gets an unconnected socket and
 * an address of the system's choice in the abstract namespace. Other processes could connect there
 * as well between local_listen and local_accept; the system tells who did, and they are turned
 * away. */

/* Begin to listen. Returns: 0 and a non-blocking descriptor, and where it listens; -EIO. */
MUST_CHECK int local_listen(int *listener, struct sockaddr_un *address, socklen_t *address_bytes);

/* Take the connection that this process has made. Returns: a non-blocking descriptor; -1: there is
 * none yet. */
MUST_CHECK int local_accept(int listener);

#endif
