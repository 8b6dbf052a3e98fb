#include "group/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/secret.h"

enum { FORMAT = 1 };

static const char file_suffix[] = ".group";
static const uint8_t mark[] = {'R', 'G', 'F', 'I'};
static const struct sealed_file_cost no_cost = {.passes = 1, .memory_kib = 8};

static int make_folder(const char *path)
{
    return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

/* All folders of a path below the first `given` bytes. */
static int make_folders(char *path, size_t given)
{
    for (char *at = path + given + 1; *at; at++)
        if (*at == '/') {
            *at = '\0';
            int err = make_folder(path);
            if (err)
                return err;
            *at = '/';
        }
    return make_folder(path);
}

int store_open(struct store *store)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    bool has_state = state && state[0] == '/';
    if (!has_state && (!home || home[0] != '/'))
        return -ENOENT;
    int length = snprintf(store->folder, sizeof store->folder, "%s%s/reunion/groups",
                          has_state ? state : home, has_state ? "" : "/.local/state");
    if (length < 0 || (size_t)length >= sizeof store->folder)
        return -ENAMETOOLONG;
    return make_folders(store->folder, has_state ? 0 : strlen(home));
}

static bool is_plain(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

static int path_of(char path[static PATH_MAX], const struct store *store, const char *name)
{
    char encoded[3 * STORE_NAME_BYTES_MAX + 1];
    size_t bytes = 0;
    if (name[0] == '\0' || strlen(name) > STORE_NAME_BYTES_MAX)
        return -ENOENT;
    for (; *name; name++)
        bytes += (size_t)snprintf(encoded + bytes, sizeof encoded - bytes,
                                  is_plain(*name) ? "%c" : "%%%02x", (unsigned char)*name);
    int length = snprintf(path, PATH_MAX, "%s/%s%s", store->folder, encoded, file_suffix);
    return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static struct sealed_file_key key_of(const struct store *store)
{
    return (struct sealed_file_key){
        .passphrase = store->passphrase ? store->passphrase : (const uint8_t *)"",
        .passphrase_bytes = store->passphrase_bytes,
        .cost = store->passphrase ? sealed_file_usual_cost : no_cost,
    };
}

static int take_content(struct stored *stored, const uint8_t *content, size_t bytes,
                        const struct random_source *random)
{
    struct cursor cursor = cursor_over(content, bytes);
    const uint8_t *begin = cursor_take(&cursor, sizeof mark);
    uint32_t format = cursor_be32(&cursor);
    size_t server_bytes = cursor_be16(&cursor);
    if (cursor.failed || memcmp(begin, mark, sizeof mark) != 0)
        return -EBADMSG;
    if (format != FORMAT)
        return -ENOTSUP;
    if (server_bytes > STORE_SERVER_BYTES_MAX)
        return -EBADMSG;
    cursor_copy(&cursor, (uint8_t *)stored->server, server_bytes);
    stored->server[server_bytes] = '\0';
    return cursor.failed ? -EBADMSG : device_load(&stored->device, &cursor, random);
}

int stored_open(struct stored *stored, const struct store *store, const char *name,
                const struct random_source *random)
{
    const struct sealed_file_key key = key_of(store);
    uint8_t *content = NULL;
    size_t bytes = 0;
    struct stat status;
    *stored = (struct stored){.file = NULL};
    int err = path_of(stored->path, store, name);
    if (!err && stat(stored->path, &status))
        err = -errno;
    if (!err)
        err = sealed_file_open(&stored->file, stored->path, &key, &content, &bytes);
    if (!err)
        err = content ? take_content(stored, content, bytes, random) : -ENOENT;
    secret_free(content);
    return err;
}

int stored_create(struct stored *stored, const struct store *store, const char *name,
                  const char *server, struct device *device)
{
    const struct sealed_file_key key = key_of(store);
    uint8_t *content = NULL;
    size_t bytes = 0;
    *stored = (struct stored){.device = device};
    int err = path_of(stored->path, store, name);
    if (!err && strlen(server) > STORE_SERVER_BYTES_MAX)
        err = -ENAMETOOLONG;
    if (!err && access(stored->path, F_OK) == 0)
        err = -EEXIST;
    if (!err)
        err = sealed_file_open(&stored->file, stored->path, &key, &content, &bytes);
    if (!err && content)
        err = -EEXIST;
    secret_free(content);
    if (err)
        return err;
    snprintf(stored->server, sizeof stored->server, "%s", server);
    return stored_save(stored);
}

int stored_save(struct stored *stored)
{
    struct writer writer = {.at = NULL};
    size_t server_bytes = strlen(stored->server);
    device_save(stored->device, &writer);
    size_t bytes = sizeof mark + 4 + 2 + server_bytes + writer.bytes;
    uint8_t *content = secret_alloc(bytes);
    if (!content)
        return -ENOMEM;
    writer = (struct writer){.at = content};
    writer_put(&writer, mark, sizeof mark);
    writer_be32(&writer, FORMAT);
    writer_be16(&writer, (uint16_t)server_bytes);
    writer_put(&writer, stored->server, server_bytes);
    device_save(stored->device, &writer);
    INVARIANT(writer.bytes == bytes);
    int err = sealed_file_write(stored->file, content, bytes);
    secret_free(content);
    return err;
}

void stored_close(struct stored *stored)
{
    sealed_file_close(stored->file);
    device_close(stored->device);
    stored->file = NULL;
    stored->device = NULL;
}

int store_rename(const struct store *store, const char *from, const char *to)
{
    char path[PATH_MAX], new_path[PATH_MAX];
    int err = path_of(path, store, from);
    if (!err)
        err = path_of(new_path, store, to);
    if (!err && renameat2(AT_FDCWD, path, AT_FDCWD, new_path, RENAME_NOREPLACE))
        err = -errno;
    if (!err && unlink(strcat(path, ".lock")) && errno != ENOENT)
        err = -errno;
    return err;
}

int store_remove(const struct store *store, const char *name)
{
    char path[PATH_MAX];
    int err = path_of(path, store, name);
    if (!err && unlink(path))
        err = -errno;
    if (!err && unlink(strcat(path, ".lock")) && errno != ENOENT)
        err = -errno;
    return err;
}

/* --- which there are --- */

/* The name of a group with that file, to be freed; NULL: it is none, or there is no memory. */
static char *name_of(const char *file)
{
    size_t bytes = strlen(file), end = sizeof file_suffix - 1, count = 0;
    if (bytes <= end || strcmp(file + bytes - end, file_suffix) != 0)
        return NULL;
    char *name = malloc(bytes);
    for (size_t i = 0; name && i < bytes - end; i++) {
        uint8_t byte = (uint8_t)file[i];
        if (file[i] == '%') {
            const char digits[] = {file[i + 1], file[i + 1] ? file[i + 2] : '\0', '\0'};
            if (i + 2 >= bytes - end || hex_decode(&byte, 1, digits)) {
                free(name);
                return NULL;
            }
            i += 2;
        }
        name[count++] = (char)byte;
    }
    if (name)
        name[count] = '\0';
    return name;
}

static int compare(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

void store_names_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

int store_names(const struct store *store, char ***names, size_t *count)
{
    DIR *folder = opendir(store->folder);
    const struct dirent *entry;
    char **found = NULL;
    size_t found_count = 0;
    int err = folder ? 0 : -errno;
    while (!err && (entry = readdir(folder)) != NULL) {
        char *name = name_of(entry->d_name);
        if (!name)
            continue;
        char **more = reallocarray(found, found_count + 1, sizeof *more);
        if (!more) {
            free(name);
            err = -ENOMEM;
            break;
        }
        found = more;
        found[found_count++] = name;
    }
    if (folder)
        closedir(folder);
    if (err) {
        store_names_free(found, found_count);
        return err;
    }
    if (found_count > 0)
        qsort(found, found_count, sizeof *found, compare);
    *names = found;
    *count = found_count;
    return 0;
}
