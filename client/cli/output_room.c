#include "cli/output_room.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/standard_streams.h"

/* A file system that cannot set room aside tells nothing. */
static int set_aside(int fd, const struct stat *about, int flags, size_t bytes)
{
    off_t at = flags & O_APPEND ? about->st_size : lseek(fd, 0, SEEK_CUR);
    if (at < 0 || bytes == 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE, at, (off_t)bytes) == 0)
        return 0;
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO ? -errno : 0;
}

/* Pipes, sockets and terminals say so when there is nobody at the other end. */
static int look_for_reader(int fd, int err)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    return poll(&ready, 1, 0) > 0 && ready.revents & (POLLERR | POLLHUP | POLLNVAL) ? err : 0;
}

int output_room(int fd, size_t bytes)
{
    struct stat about;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fstat(fd, &about))
        return -errno;
    if (standard_streams_was_closed(fd) || (flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    if (S_ISREG(about.st_mode))
        return set_aside(fd, &about, flags, bytes);
    /* A terminal may stop whoever writes to it from the background, so it is left alone. */
    if (S_ISCHR(about.st_mode) && !isatty(fd))
        return write(fd, "", 0) < 0 && errno != EINTR && errno != EAGAIN ? -errno : 0;
    return look_for_reader(fd, S_ISCHR(about.st_mode) ? -EIO : -EPIPE);
}
