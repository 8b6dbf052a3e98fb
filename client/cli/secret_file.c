#include "cli/secret_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/readable.h"

/* Fill `room` bytes as far as there are any. Returns: 0, -ECANCELED, -ETIMEDOUT, an error of the
 * system. */
static int fill(char *to, size_t room, size_t *bytes, int fd, int patience_ms,
                const struct stop_source *stop)
{
    size_t length = 0;
    while (length < room) {
        int err = readable_wait_some(fd, patience_ms, stop);
        if (err)
            return err;
        ssize_t got = read(fd, to + length, room - length);
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return -errno;
        if (got == 0)
            break;
        length += got > 0 ? (size_t)got : 0;
    }
    *bytes = length;
    return 0;
}

static size_t without_line_end(const char *text, size_t bytes)
{
    if (bytes > 0 && text[bytes - 1] == '\n')
        bytes--;
    else
        return bytes;
    return bytes > 0 && text[bytes - 1] == '\r' ? bytes - 1 : bytes;
}

static int read_whole(struct secret_text *secret, int fd, int patience_ms,
                      const struct stop_source *stop)
{
    enum { ROOM = SECRET_TEXT_BYTES_MAX + 3 }; /* the longest, its end, and a byte too many */
    char *read_text = secret_alloc(ROOM);
    if (!read_text)
        return -ENOMEM;
    size_t bytes = 0;
    int err = fill(read_text, ROOM, &bytes, fd, patience_ms, stop);
    if (!err)
        err = secret_text_set(secret, read_text, without_line_end(read_text, bytes));
    secret_free(read_text);
    return err;
}

int secret_file_read(struct secret_text *secret, int fd, const struct stop_source *stop)
{
    return read_whole(secret, fd, -1, stop);
}

int secret_file_load(struct secret_text *secret, const char *path, bool *exposed,
                     const struct stop_source *stop)
{
    return secret_file_load_soon(secret, path, exposed, -1, stop);
}

int secret_file_load_soon(struct secret_text *secret, const char *path, bool *exposed,
                          int patience_ms, const struct stop_source *stop)
{
    if (exposed)
        *exposed = false;
    if (strcmp(path, "-") == 0)
        return read_whole(secret, STDIN_FILENO, patience_ms, stop);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    struct stat about;
    if (exposed && fstat(fd, &about) == 0)
        *exposed = S_ISREG(about.st_mode) && (about.st_mode & (S_IRGRP | S_IROTH));
    int err = read_whole(secret, fd, patience_ms, stop);
    close(fd);
    return err;
}
