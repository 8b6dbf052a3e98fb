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

static int name_files(struct database_files *files, const char *path)
{
    files->path = strdup(path);
    files->log_path = name_beside(path, "-wal");
    files->index_path = name_beside(path, "-shm");
    return files->path && files->log_path && files->index_path ? 0 : -ENOMEM;
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
    int err = name_files(files, path);
    if (err)
        return err;
    files->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
    if (files->lock < 0)
        return -errno;
    err = inspect_file(files->lock);
    return err ? err : flock(files->lock, LOCK_EX | LOCK_NB) ? -EBUSY : 0;
}

/* Comparing */

static void note(const char *path, struct stat *noted)
{
    struct stat found;
    if (noted->st_ino == 0 && stat(path, &found) == 0)
        *noted = found;
}

void database_files_note(struct database_files *files)
{
    note(files->log_path, &files->log);
    note(files->index_path, &files->index);
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

int database_files_check(struct database_files *files)
{
    int err = compare_file(files);
    if (!err)
        database_files_note(files);
    if (!err && files->log.st_ino != 0)
        err = compare(files->log_path, &files->log);
    if (!err && files->index.st_ino != 0)
        err = compare(files->index_path, &files->index);
    return err;
}

static bool is_foreign(const char *path, const struct stat *opened)
{
    struct stat found;
    return stat(path, &found) == 0 && !is_same(&found, opened);
}

bool database_files_are_ours(const struct database_files *files)
{
    return files->lock >= 0 && compare_file(files) == 0 &&
           !is_foreign(files->log_path, &files->log) &&
           !is_foreign(files->index_path, &files->index);
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
    if (files->lock >= 0)
        close(files->lock);
    free(files->path);
    free(files->log_path);
    free(files->index_path);
}
