#include "rendezvous/address_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/standard_streams.h"

enum { SUFFIX_BYTES = 8 };

/* Whether what stands at the path, if anything does, may be replaced. */
static int look(const char *path)
{
    struct stat found;
    if (lstat(path, &found))
        return errno == ENOENT ? 0 : -errno;
    if (S_ISDIR(found.st_mode))
        return -EISDIR;
    if (S_ISLNK(found.st_mode))
        return -ELOOP;
    if (!S_ISREG(found.st_mode))
        return -EEXIST;
    return standard_streams_lead_into(&found) ? -EBADF : 0;
}

/* Nothing that stands already is opened, be it a link or a FIFO. */
static int make_partial(struct address_file *file, const struct random_source *random)
{
    uint8_t drawn[SUFFIX_BYTES];
    char suffix[2 * SUFFIX_BYTES + 1];
    random_fill(random, drawn, sizeof drawn);
    hex_encode(suffix, drawn, sizeof drawn);
    int length = snprintf(file->partial, sizeof file->partial, "%s.new-%s", file->path, suffix);
    if (length >= (int)sizeof file->partial)
        return -ENAMETOOLONG;
    int fd = open(file->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return -errno;
    file->stream = fdopen(fd, "w");
    if (file->stream)
        return 0;
    close(fd);
    (void)unlink(file->partial);
    return -ENOMEM;
}

int address_file_begin(struct address_file *file, const char *path,
                       const struct random_source *random)
{
    *file = (struct address_file){.path = *path ? path : NULL};
    if (!file->path)
        return 0;
    int err = look(path);
    return err ? err : make_partial(file, random);
}

void address_file_add(struct address_file *file, const char *address)
{
    if (file->stream)
        fprintf(file->stream, "%s\n", address);
}

/* What was listened on meanwhile may stand at the path by now: so it is looked at once more. */
int address_file_finish(struct address_file *file)
{
    if (!file->stream)
        return 0;
    int err = fflush(file->stream) ? -errno : ferror(file->stream) ? -EIO : 0;
    if (fclose(file->stream) && !err)
        err = -errno;
    file->stream = NULL;
    if (!err)
        err = look(file->path);
    if (!err && rename(file->partial, file->path))
        err = -errno;
    if (err)
        (void)unlink(file->partial);
    return err;
}

void address_file_give_up(struct address_file *file)
{
    if (!file->stream)
        return;
    (void)fclose(file->stream);
    (void)unlink(file->partial);
    file->stream = NULL;
}

const char *address_file_reason(int err)
{
    switch (err) {
    case -EEXIST:
        return "something that is no regular file stands there";
    case -ELOOP:
        return "a symbolic link stands there, which would be replaced: name the file itself";
    case -EBADF:
        return "standard output or error leads into it, and it would be replaced";
    default:
        return err_reason(err);
    }
}
