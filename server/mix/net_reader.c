#include "mix/net_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/regular_file.h"

/* Returns: how many bytes, at most one more than a net file may have, or the system's errno. */
static ssize_t read_text(const char *path, char text[static NET_FILE_BYTES_MAX + 1])
{
    struct stat found;
    int fd = regular_file_open(path, &found);
    if (fd < 0)
        return fd;
    FILE *file = fdopen(fd, "r");
    if (!file) {
        int err = -errno;
        close(fd);
        return err;
    }
    errno = EIO;
    size_t bytes = fread(text, 1, NET_FILE_BYTES_MAX + 1, file);
    ssize_t result = ferror(file) ? -errno : (ssize_t)bytes;
    (void)fclose(file);
    return result;
}

int net_read(struct net_file *net, const char *path, char complaint[static NET_COMPLAINT_BYTES])
{
    if (path[0] == '\0') {
        memset(net, 0, sizeof *net);
        return 0;
    }
    char *text = malloc(NET_FILE_BYTES_MAX + 1);
    if (!text) {
        snprintf(complaint, NET_COMPLAINT_BYTES, "no memory to read it");
        return -ENOMEM;
    }
    ssize_t bytes = read_text(path, text);
    int err = bytes < 0 ? (int)bytes : 0;
    if (err)
        snprintf(complaint, NET_COMPLAINT_BYTES, "it cannot be read: %s",
                 err == -EINVAL ? "it is no regular file" : err_reason(err));
    else
        err = net_file_parse(net, text, (size_t)bytes, complaint);
    free(text);
    return err;
}
