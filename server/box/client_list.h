/* The client keys that a server admits, read from a file, and again while it serves. */
#ifndef REUNION_SERVER_BOX_CLIENT_LIST_H
#define REUNION_SERVER_BOX_CLIENT_LIST_H

#include <pthread.h>

#include "base/err.h"
#include "box/handshake.h"

/* The file has one key a line, as it stands in addresses (base64url, 43 characters). Empty lines,
 * and what follows "#", mean nothing; spaces around a key do not matter. A file without keys admits
 * nobody. */

enum { CLIENT_LIST_KEYS_MAX = 65536, CLIENT_LIST_LINE_BYTES = 512 };

struct client_list {
    pthread_rwlock_t lock; /* of what follows */
    uint8_t *keys;
    struct box_clients clients;
};

/* A list that admits nobody. */
void client_list_init(struct client_list *list);
void client_list_free(struct client_list *list);

/* Read a file in the place of what was read before. Any thread.
 * Returns: 0; -EBADMSG (line `*line`, from 1 on, is no key), -EFBIG (more than
 * CLIENT_LIST_KEYS_MAX), -EINVAL (no regular file), -ENOMEM, or the system's errno; then the list
 * is as it was. */
MUST_CHECK int client_list_read(struct client_list *list, const char *path, unsigned long *line);

/* How many keys there are. Any thread. */
size_t client_list_count(struct client_list *list);

/* Look at the list; it stays as it is until client_list_let_go. Any thread. */
const struct box_clients *client_list_hold(struct client_list *list);
void client_list_let_go(struct client_list *list);

#endif
