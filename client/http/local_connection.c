#include "http/local_connection.h"

#include <stdbool.h>
#include <unistd.h>

enum { QUEUE = 8 }; /* one is ours */

int local_listen(int *listener, struct sockaddr_un *address, socklen_t *address_bytes)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    socklen_t bytes = sizeof at;
    int opened = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (opened < 0)
        return -EIO;
    /* The family alone: the system chooses a name (unix(7), "Autobind feature"). */
    if (bind(opened, (const struct sockaddr *)&at, sizeof at.sun_family) || listen(opened, QUEUE) ||
        getsockname(opened, (struct sockaddr *)&at, &bytes)) {
        close(opened);
        return -EIO;
    }
    *listener = opened;
    *address = at;
    *address_bytes = bytes;
    return 0;
}

static bool is_own(int connection)
{
    struct ucred peer;
    socklen_t bytes = sizeof peer;
    return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) == 0 &&
           peer.pid == getpid();
}

int local_accept(int listener)
{
    for (;;) {
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (connection < 0 || is_own(connection))
            return connection;
        close(connection);
    }
}
