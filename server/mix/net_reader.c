#include "mix/net_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/regular_file.h"

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
    ssize_t bytes = regular_file_read(path, text, NET_FILE_BYTES_MAX + 1);
    int err = bytes < 0 ? (int)bytes : 0;
    if (err)
        snprintf(complaint, NET_COMPLAINT_BYTES, "it cannot be read: %s",
                 err == -EINVAL ? "it is no regular file" : err_reason(err));
    else
        err = net_file_parse(net, text, (size_t)bytes, complaint);
    free(text);
    return err;
}
