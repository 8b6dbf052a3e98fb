#include "daemon/key_file.h"

#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/regular_file.h"
#include "base/secret.h"
#include "box/address.h"

_Static_assert(KEY_FILE_TEXT_BYTES ==
                   sodium_base64_ENCODED_LEN(BOX_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL),
               "the line");

enum { SUFFIX_BYTES = 8 };

/* One that others cannot read. */
static int open_private(const char *path)
{
    struct stat found;
    int fd = regular_file_open(path, &found);
    if (fd < 0 || (found.st_mode & 077) == 0)
        return fd;
    close(fd);
    return -EKEYREJECTED;
}

/* One line, with or without its end. */
static int decode(uint8_t secret[static BOX_KEY_BYTES], const char *text, size_t bytes)
{
    return box_secret_parse(secret, text, bytes > 0 && text[bytes - 1] == '\n' ? bytes - 1 : bytes);
}

int key_file_read(struct box_identity *identity, const char *path)
{
    char text[KEY_FILE_TEXT_BYTES + 1];
    uint8_t secret[BOX_KEY_BYTES];
    int fd = open_private(path);
    if (fd < 0)
        return fd;
    ssize_t bytes = read(fd, text, sizeof text);
    int err = bytes < 0 ? -errno : decode(secret, text, (size_t)bytes);
    close(fd);
    if (!err) {
        memcpy(identity->secret, secret, sizeof secret);
        box_public(identity->public_key, identity->secret);
    }
    secret_wipe(secret, sizeof secret);
    secret_wipe(text, sizeof text);
    return err;
}

/* Write the line to a new file, which is safe on the disk then. */
static int write_new(const char *path, const uint8_t secret[static BOX_KEY_BYTES])
{
    char text[KEY_FILE_TEXT_BYTES];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    sodium_bin2base64(text, sizeof text, secret, BOX_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL);
    text[KEY_FILE_TEXT_BYTES - 1] = '\n';
    errno = EIO;
    int err = write(fd, text, sizeof text) != (ssize_t)sizeof text || fsync(fd) ? -errno : 0;
    secret_wipe(text, sizeof text);
    if (close(fd) && !err)
        err = -errno;
    if (err)
        (void)unlink(path);
    return err;
}

/* That a file has its name is safe on the disk, too. */
static int sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int length = slash ? (int)(slash - path) + 1 : 1;
    if (snprintf(folder, sizeof folder, "%.*s", length, slash ? path : ".") >= PATH_MAX)
        return -ENAMETOOLONG;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int err = fsync(fd) ? -errno : 0;
    close(fd);
    return err;
}

int key_file_make(struct box_identity *identity, const char *path,
                  const struct random_source *random)
{
    char partial[PATH_MAX], suffix[2 * SUFFIX_BYTES + 1];
    uint8_t drawn[SUFFIX_BYTES], secret[BOX_KEY_BYTES];
    random_fill(random, drawn, sizeof drawn);
    hex_encode(suffix, drawn, sizeof drawn);
    if (snprintf(partial, sizeof partial, "%s.new-%s", path, suffix) >= PATH_MAX)
        return -ENAMETOOLONG;
    random_fill(random, secret, sizeof secret);
    int err = write_new(partial, secret);
    if (!err) {
        /* Unlike a renaming, a link never takes the place of what stands there. */
        err = link(partial, path) ? -errno : 0;
        (void)unlink(partial);
    }
    if (!err)
        err = sync_folder(path);
    if (!err) {
        memcpy(identity->secret, secret, sizeof secret);
        box_public(identity->public_key, identity->secret);
    }
    secret_wipe(secret, sizeof secret);
    return err;
}

const char *key_file_reason(int err)
{
    switch (err) {
    case -EINVAL:
        return "it is no regular file";
    case -EKEYREJECTED:
        return "others than its owner may read or write it";
    case -EBADMSG:
        return "it is not 32 bytes in base64 on one line";
    case -EEXIST:
        return "something stands there, perhaps a symbolic link that leads nowhere";
    default:
        return err_reason(err);
    }
}
