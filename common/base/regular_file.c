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
