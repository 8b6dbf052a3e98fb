/* The service manager's protocol (sd_notify and socket activation). */
#ifndef REUNION_DAEMON_SERVICE_MANAGER_H
#define REUNION_DAEMON_SERVICE_MANAGER_H

#include <stdint.h>

#include "base/err.h"

enum { MANAGER_FIRST_SOCKET = 3 };

/* How many listening sockets it has handed over, with descriptors from MANAGER_FIRST_SOCKET on, and
 * their names (FileDescriptorName= in systemd's units) in that order, for manager_names_free;
 * once, as children are not to believe they are theirs, and before anything else is opened, which
 * would get the number of one that is closed.
 * Returns: their number (`*names` is NULL if it is not above 0), -EBADF (one of them is closed),
 * -EINVAL or another errno (LISTEN_FDS or LISTEN_PID in the environment makes no sense). */
MUST_CHECK int manager_sockets(char ***names);

/* Release what manager_sockets gave; NULL is fine. */
void manager_names_free(char **names);

/* Tell it that the server answers, that it stops, that it lives. Nothing where nobody listens. */
void manager_notify_ready(void);
void manager_notify_stopping(void);
void manager_notify_alive(void);

/* Within how many milliseconds it expects to hear that the server lives; 0: it does not. */
int64_t manager_watchdog_ms(void);

#endif
