#include "store/database_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/standard_streams.h"

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Opening */

static char *name_beside(const char *path, const char *ending)
{
    char *name;
    return asprintf(&name, "%s%s", path, ending) < 0 ? NULL : name;
}

/* SQLite puts the two where symbolic links lead to. */
static int name_files(struct database_files *files, const char *path)
{
    char *resolved = realpath(path, NULL);
    if (!resolved)
        return -errno;
    files->log_path = name_beside(resolved, "-wal");
    files->index_path = name_beside(resolved, "-shm");
    free(resolved);
    return files->log_path && files->index_path ? 0 : -ENOMEM;
}

/* What is printed must not go into the database. */
static int inspect_file(int fd)
{
    struct stat file;
    if (fstat(fd, &file))
        return -errno;
    return !S_ISREG(file.st_mode) ? -EINVAL : standard_streams_lead_into(&file) ? -EBADF : 0;
}

int database_files_open(struct database_files *files, const char *path)
{
    *files = (struct database_files){.lock = -1};
    file_watch_init(&files->watch, -1);
    files->path = strdup(path);
    if (!files->path)
        return -ENOMEM;
    files->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
    if (files->lock < 0)
        return -errno;
    files->watch.file = files->lock;
    int err = inspect_file(files->lock);
    if (!err)
        err = name_files(files, path);
    return err ? err : flock(files->lock, LOCK_EX | LOCK_NB) ? -EBUSY : 0;
}

/* Comparing */

static void note(const char *path, struct stat *noted, int *descriptor)
{
    if (*descriptor >= 0)
        return;
    *descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (*descriptor >= 0)
        (void)fstat(*descriptor, noted);
}

static void note_beside(struct database_files *files)
{
    note(files->log_path, &files->log, &files->watch.log);
    note(files->index_path, &files->index, &files->watch.index);
}

void database_files_note(struct database_files *files)
{
    note_beside(files);
    file_watch_note(&files->watch);
}

static int compare(const char *path, const struct stat *opened)
{
    struct stat found;
    if (stat(path, &found))
        return errno == ENOENT || errno == ENOTDIR ? -ESTALE : -errno;
    return is_same(&found, opened) ? 0 : -ESTALE;
}

static int compare_file(const struct database_files *files)
{
    struct stat opened;
    return fstat(files->lock, &opened) ? -errno : compare(files->path, &opened);
}

static const char *overwritten_path(const struct database_files *files)
{
    switch ((enum watched)atomic_load(&files->watch.overwritten)) {
    case WATCHED_LOG:
        return files->log_path;
    case WATCHED_INDEX:
        return files->index_path;
    case WATCHED_FILE:
    case WATCHED_NONE:
        break;
    }
    return files->path;
}

static int check_beside(struct database_files *files, const char *path, const struct stat *opened)
{
    int err = opened->st_ino != 0 ? compare(path, opened) : 0;
    if (err)
        files->blamed = path;
    return err;
}

int database_files_check(struct database_files *files)
{
    files->blamed = files->path;
    int err = compare_file(files);
    if (err)
        return err;
    files->blamed = NULL;
    note_beside(files);
    err = check_beside(files, files->log_path, &files->log);
    if (!err)
        err = check_beside(files, files->index_path, &files->index);
    if (!err) {
        err = file_watch_check(&files->watch);
        if (err)
            files->blamed = overwritten_path(files);
    }
    return err;
}

static bool is_foreign(const char *path, const struct stat *opened)
{
    struct stat found;
    return stat(path, &found) == 0 && !is_same(&found, opened);
}

bool database_files_are_ours(struct database_files *files)
{
    return files->lock >= 0 && file_watch_check(&files->watch) == 0 && compare_file(files) == 0 &&
           !is_foreign(files->log_path, &files->log) &&
           !is_foreign(files->index_path, &files->index);
}

void database_files_drop_log(const struct database_files *files)
{
    int which = atomic_load(&files->watch.overwritten);
    if ((which == WATCHED_FILE || which == WATCHED_LOG) &&
        compare(files->log_path, &files->log) == 0)
        (void)unlink(files->log_path);
}

uint64_t database_files_bytes(const struct database_files *files)
{
    struct stat file = {0}, log = {0};
    (void)fstat(files->lock, &file);
    (void)stat(files->log_path, &log); /* there is none after an orderly stop */
    return (uint64_t)file.st_size + (uint64_t)log.st_size;
}

void database_files_close(struct database_files *files)
{
    file_watch_free(&files->watch);
    if (files->lock >= 0)
        close(files->lock);
    free(files->path);
    free(files->log_path);
    free(files->index_path);
}
