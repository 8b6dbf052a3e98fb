#include "rendezvous/own_files.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/socket.h"
#include "store/postgres.h"

enum { LINKS_MAX = 40, FILES_MAX = SETTING_TEXTS_MAX + 10, NAME_BYTES = 2 * PATH_MAX };

struct own_file {
    const char *setting, *given;
    char place[NAME_BYTES]; /* without symbolic links */
    bool is_made;           /* by the server, in the place of what was there or beside it */
};

struct own_files {
    struct own_file items[FILES_MAX];
    size_t count;
};

/* Where a symbolic link leads, relative to its own folder. Returns: 0, -EINVAL (it is no link). */
static int follow(char path[static PATH_MAX])
{
    char target[PATH_MAX], joined[2 * PATH_MAX];
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length <= 0)
        return -EINVAL;
    target[length] = '\0';
    const char *slash = target[0] == '/' ? NULL : strrchr(path, '/');
    int bytes = snprintf(joined, sizeof joined, "%.*s%s", slash ? (int)(slash - path + 1) : 0, path,
                         target);
    if (bytes >= PATH_MAX)
        return -EINVAL;
    memcpy(path, joined, (size_t)bytes + 1);
    return 0;
}

/* The place of a file, be it there or not; as it was given where its folder is not there. */
static void find_place(const char *given, char place[static NAME_BYTES])
{
    char path[PATH_MAX], folder[PATH_MAX], resolved[PATH_MAX];
    snprintf(path, sizeof path, "%s", given);
    for (int i = 0; i < LINKS_MAX && follow(path) == 0; i++)
        ;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path + 1) : 1,
             slash ? path : ".");
    if (realpath(folder, resolved))
        snprintf(place, NAME_BYTES, "%s/%.*s", strcmp(resolved, "/") == 0 ? "" : resolved, NAME_MAX,
                 name);
    else
        snprintf(place, NAME_BYTES, "%s", path);
}

static struct own_file *add(struct own_files *files, const char *setting, const char *given)
{
    struct own_file *file = &files->items[files->count++];
    *file = (struct own_file){.setting = setting, .given = given};
    find_place(given, file->place);
    return file;
}

static void add_made(struct own_files *files, const char *setting, const char *given)
{
    add(files, setting, given)->is_made = true;
}

static void add_socket(struct own_files *files, const char *setting, const char *where)
{
    size_t prefix = strlen(SOCKET_UNIX_PREFIX);
    if (strncmp(where, SOCKET_UNIX_PREFIX, prefix) == 0)
        add_made(files, setting, where + prefix);
}

/* What SQLite puts beside a database has the name of the file that links to it lead to. */
static void add_database(struct own_files *files, const char *given)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        struct own_file *file = add(files, "db", given);
        strncat(file->place, endings[i], NAME_BYTES - strlen(file->place) - 1);
    }
}

static bool is_same(const struct own_file *a, const struct own_file *b)
{
    struct stat first, second;
    return strcmp(a->place, b->place) == 0 ||
           (stat(a->place, &first) == 0 && stat(b->place, &second) == 0 &&
            first.st_dev == second.st_dev && first.st_ino == second.st_ino);
}

static int compare(const struct own_file *a, const struct own_file *b, FILE *complaints)
{
    if (a->setting == b->setting || !(a->is_made || b->is_made) || !is_same(a, b))
        return 0;
    fprintf(complaints,
            "%s and %s name the same file, %s, or one that belongs to it: it would be replaced\n",
            a->setting, b->setting, a->given);
    return -EINVAL;
}

static void collect(struct own_files *files, const struct config *config)
{
    if (config->address_file.text[0])
        add_made(files, "address-file", config->address_file.text);
    for (size_t i = 0; i < config->listen.count; i++)
        add_socket(files, "listen", config->listen.items[i].text);
    add_socket(files, "metrics-listen", config->metrics_listen.text);
    if (strcmp(config->database.text, ":memory:") != 0 &&
        !store_postgres_is_named(config->database.text))
        add_database(files, config->database.text);
    add_made(files, "box-key", config->box_key.text);
    if (config->box_clients.text[0])
        add(files, "box-clients", config->box_clients.text);
    if (config->file.text[0])
        add(files, "config", config->file.text);
}

int own_files_check(const struct config *config, FILE *complaints)
{
    int err = 0;
    struct own_files *files = calloc(1, sizeof *files);
    if (!files) {
        fputs("no memory to compare the names of files\n", complaints);
        return -EINVAL;
    }
    collect(files, config);
    for (size_t i = 0; i < files->count; i++)
        for (size_t j = i + 1; j < files->count; j++)
            if (compare(&files->items[i], &files->items[j], complaints))
                err = -EINVAL;
    free(files);
    return err;
}
