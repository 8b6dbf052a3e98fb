#include "cli/readable.h"

#include <poll.h>

int readable_wait_some(int fd, int patience_ms, const struct stop_source *stop)
{
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = stop->fd, .events = POLLIN}};
    int ready;
    while ((ready = poll(fds, 2, patience_ms)) < 0)
        if (errno != EINTR)
            return -errno;
    return fds[1].revents ? -ECANCELED : ready == 0 ? -ETIMEDOUT : 0;
}

int readable_wait(int fd, const struct stop_source *stop)
{
    return readable_wait_some(fd, -1, stop);
}

int readable_wait_either(int fd, int other, int *which, const struct stop_source *stop)
{
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN},
                           {.fd = other, .events = POLLIN},
                           {.fd = stop->fd, .events = POLLIN}};
    while (poll(fds, 3, -1) < 0)
        if (errno != EINTR)
            return -errno;
    if (fds[2].revents)
        return -ECANCELED;
    *which = fds[1].revents ? other : fd;
    return 0;
}
