#include "daemon/socket_unix.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* DESIGN: a server that was killed leaves its file behind, and nothing can be bound there; so one
 * on which nobody listens is removed first. Between looking and binding another server may do the
 * same, and one of the two would remove the other's living socket: so both hold a lock on the
 * directory meanwhile. */

/* Returns: a descriptor that holds the lock until it is closed, or an error. */
static int lock_directory(const char *path)
{
    char directory[UNIX_PATH_BYTES];
    const char *slash = strrchr(path, '/');
    int length = slash > path ? (int)(slash - path) : 1;
    snprintf(directory, sizeof directory, "%.*s", length, slash ? path : ".");
    int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0)
        return -errno;
    while (flock(lock, LOCK_EX))
        if (errno != EINTR) {
            int err = -errno;
            close(lock);
            return err;
        }
    return lock;
}

/* Only a refused connection shows that nobody listens. */
static bool is_deserted(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool refused = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
                   errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return refused;
}

/* Returns: 0 (nothing stands at the path), or an error. */
static int make_room(const struct sockaddr_un *address)
{
    struct stat found;
    if (lstat(address->sun_path, &found))
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(found.st_mode))
        return -EEXIST;
    if (!is_deserted(address))
        return -EADDRINUSE;
    return unlink(address->sun_path) ? -errno : 0;
}

/* Nobody can connect before listen(), and by then the mode is what it should be. */
static int bind_file(const struct sockaddr_un *address, mode_t mode, struct listening *listening)
{
    struct stat made;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, (const struct sockaddr *)address, sizeof *address)) {
        int err = -errno;
        close(fd);
        return err;
    }
    if (chmod(address->sun_path, mode) || lstat(address->sun_path, &made) ||
        listen(fd, SOCKET_BACKLOG)) {
        int err = -errno;
        (void)unlink(address->sun_path);
        close(fd);
        return err;
    }
    *listening = (struct listening){.fd = fd, .device = made.st_dev, .inode = made.st_ino};
    strcpy(listening->path, address->sun_path);
    return 0;
}

int socket_unix_listen(const char *path, mode_t mode, struct listening *listening)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path)
        return -EINVAL;
    memcpy(address.sun_path, path, length);
    int lock = lock_directory(path);
    if (lock < 0)
        return lock;
    int err = make_room(&address);
    if (!err)
        err = bind_file(&address, mode, listening);
    close(lock);
    return err;
}

void socket_unix_remove(const struct listening *listening)
{
    struct stat found;
    if (lstat(listening->path, &found) == 0 && found.st_dev == listening->device &&
        found.st_ino == listening->inode)
        (void)unlink(listening->path);
}
