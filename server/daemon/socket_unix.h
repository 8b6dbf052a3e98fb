/* Unix sockets: mode, replacement of a stale one, removal. For socket.c. */
#ifndef REUNION_DAEMON_SOCKET_UNIX_H
#define REUNION_DAEMON_SOCKET_UNIX_H

#include "daemon/socket.h"

enum { SOCKET_BACKLOG = 1024 };

/* Listen at `path`, in a file of that mode whatever the umask. Returns: as socket_listen. */
MUST_CHECK int socket_unix_listen(const char *path, mode_t mode, struct listening *listening);

/* Remove the file that socket_unix_listen made, if it is still that one. */
void socket_unix_remove(const struct listening *listening);

#endif
