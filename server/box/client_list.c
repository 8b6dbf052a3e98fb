#include "box/client_list.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/regular_file.h"
#include "box/address.h"

void client_list_init(struct client_list *list)
{
    *list = (struct client_list){.keys = NULL};
    INVARIANT(pthread_rwlock_init(&list->lock, NULL) == 0);
}

void client_list_free(struct client_list *list)
{
    free(list->keys);
    pthread_rwlock_destroy(&list->lock);
}

struct reading {
    uint8_t *keys;
    size_t count, room;
    unsigned long line;
};

static int add(struct reading *reading, const char *text)
{
    uint8_t key[BOX_KEY_BYTES];
    if (box_key_parse(key, text) || sodium_is_zero(key, sizeof key))
        return -EBADMSG;
    if (reading->count == CLIENT_LIST_KEYS_MAX)
        return -EFBIG;
    if (reading->count == reading->room) {
        size_t room = reading->room ? 2 * reading->room : 16;
        uint8_t *grown = reallocarray(reading->keys, room, BOX_KEY_BYTES);
        if (!grown)
            return -ENOMEM;
        reading->keys = grown;
        reading->room = room;
    }
    memcpy(reading->keys + reading->count++ * BOX_KEY_BYTES, key, sizeof key);
    return 0;
}

/* A line with a zero in it ends there for the text functions, and would hide what follows. */
static int take_line(struct reading *reading, char *line, size_t bytes)
{
    static const char spaces[] = " \t\r\n";
    if (strlen(line) != bytes)
        return -EBADMSG;
    line[strcspn(line, "#")] = '\0';
    char *text = line + strspn(line, spaces);
    size_t length = strlen(text);
    while (length > 0 && strchr(spaces, text[length - 1]))
        text[--length] = '\0';
    return length > 0 ? add(reading, text) : 0;
}

static int read_lines(struct reading *reading, FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t bytes;
    int err = 0;
    errno = 0;
    while (!err && (bytes = getline(&line, &room, file)) >= 0) {
        reading->line++;
        err = bytes < CLIENT_LIST_LINE_BYTES ? take_line(reading, line, (size_t)bytes) : -EBADMSG;
        errno = 0;
    }
    if (!err && !feof(file))
        err = errno ? -errno : -EIO;
    free(line);
    return err;
}

int client_list_read(struct client_list *list, const char *path, unsigned long *line)
{
    struct reading reading = {0};
    struct stat found;
    int fd = regular_file_open(path, &found);
    if (fd < 0)
        return fd;
    if (found.st_mode & S_IWOTH) {
        close(fd);
        return -EPERM;
    }
    FILE *file = fdopen(fd, "r");
    if (!file) {
        close(fd);
        return -ENOMEM;
    }
    int err = read_lines(&reading, file);
    (void)fclose(file);
    if (err) {
        *line = reading.line;
        free(reading.keys);
        return err;
    }
    pthread_rwlock_wrlock(&list->lock);
    uint8_t *old = list->keys;
    list->keys = reading.keys;
    list->clients = (struct box_clients){reading.keys, reading.count};
    pthread_rwlock_unlock(&list->lock);
    free(old);
    return 0;
}

size_t client_list_count(struct client_list *list)
{
    size_t count = client_list_hold(list)->count;
    client_list_let_go(list);
    return count;
}

const struct box_clients *client_list_hold(struct client_list *list)
{
    pthread_rwlock_rdlock(&list->lock);
    return &list->clients;
}

void client_list_let_go(struct client_list *list)
{
    pthread_rwlock_unlock(&list->lock);
}
