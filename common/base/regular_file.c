#include "base/regular_file.h"

#include <fcntl.h>
#include <unistd.h>

int regular_file_open(const char *path, struct stat *found)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -errno;
    int err = fstat(fd, found) ? -errno : S_ISREG(found->st_mode) ? 0 : -EINVAL;
    if (err)
        close(fd);
    return err ? err : fd;
}

ssize_t regular_file_read(const char *path, char *text, size_t room)
{
    struct stat found;
    int fd = regular_file_open(path, &found);
    if (fd < 0)
        return fd;
    size_t bytes = 0;
    ssize_t more = 1;
    while (more > 0 && bytes < room) {
        more = read(fd, text + bytes, room - bytes);
        if (more > 0)
            bytes += (size_t)more;
        else if (more < 0 && errno == EINTR)
            more = 1;
    }
    ssize_t result = more < 0 ? -errno : (ssize_t)bytes;
    close(fd);
    return result;
}
