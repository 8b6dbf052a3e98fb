#include "base/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STREAMS = STDERR_FILENO + 1 };

static bool opened;
static bool closed[STREAMS];

/* Where there is no /dev, the root folder does as well: it is neither read nor written. */
static int open_something(int descriptor)
{
    int fd = open("/dev/null", (descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_NOCTTY);
    return fd < 0 ? open("/", O_RDONLY | O_DIRECTORY) : fd;
}

int standard_streams_open(void)
{
    if (opened)
        return 0;
    opened = true;
    for (int i = 0; i < STREAMS; i++) {
        if (fcntl(i, F_GETFD) >= 0)
            continue;
        /* The lowest free number, which is this one, as those below are open by now. */
        int fd = open_something(i);
        if (fd != i)
            return fd < 0 ? -errno : -EBADF;
        closed[i] = true;
    }
    return 0;
}

bool standard_streams_was_closed(int descriptor)
{
    return descriptor >= 0 && descriptor < STREAMS && closed[descriptor];
}

bool standard_streams_lead_into(const struct stat *file)
{
    struct stat stream;
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (fstat(fd, &stream) == 0 && stream.st_dev == file->st_dev &&
            stream.st_ino == file->st_ino)
            return true;
    return false;
}

int standard_streams_finish(const char *program)
{
    errno = 0;
    int err = fflush(stdout) ? -errno : ferror(stdout) ? -EIO : 0;
    if (err)
        dprintf(STDERR_FILENO, "%s: cannot write to standard output: %s\n", program,
                standard_streams_was_closed(STDOUT_FILENO) ? "it is closed" : strerror(-err));
    return err;
}
