#include "state/sealed_file.h"

#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/writer.h"

enum {
    FORMAT = 1,
    MARK_BYTES = 16,
    SALT_BYTES = crypto_pwhash_argon2id_SALTBYTES,
    KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    HEADER_BYTES = MARK_BYTES + 4 + 4 + 4 + SALT_BYTES + NONCE_BYTES,
    SUM_BYTES = 32,
    LENGTH_BYTES = 8,
    BLOCK_BYTES = 4096,
};

static const uint8_t mark[MARK_BYTES] = "reunion-state";

const struct sealed_file_cost sealed_file_usual_cost = {.passes = 3, .memory_kib = 256 * 1024};

struct sealed_file {
    char path[PATH_MAX], fresh[PATH_MAX]; /* "PATH", "PATH.new" */
    int folder;
    int lock;
    struct sealed_file_cost cost;
    uint8_t salt[SALT_BYTES];
    uint8_t *key; /* guarded */
};

/* Paths. */

static int name_beside(char out[static PATH_MAX], const char *path, const char *ending)
{
    int bytes = snprintf(out, PATH_MAX, "%s%s", path, ending);
    return bytes < 0 || bytes >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int open_folder(struct sealed_file *file)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(file->path, '/');
    if (slash == file->path)
        folder[0] = '/';
    else if (slash)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - file->path), file->path);
    file->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return file->folder < 0 ? -errno : 0;
}

/* Whether the file can be made, or be replaced. */
static int check_folder(const struct sealed_file *file)
{
    return faccessat(file->folder, ".", W_OK | X_OK, AT_EACCESS) ? -errno : 0;
}

static int lock(int fd)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

/* What stands in the lock's place may be no file. */
static int lock_error(int number)
{
    bool no_file = number == EISDIR || number == ELOOP || number == ENXIO;
    return no_file ? -ENOLCK : -number;
}

/* Whether the lock can be had, if it is there already. */
static int try_lock(const struct sealed_file *file)
{
    char path[PATH_MAX];
    int err = name_beside(path, file->path, ".lock");
    if (err)
        return err;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? 0 : lock_error(errno);
    err = lock(fd);
    close(fd);
    return err;
}

static int take_lock(struct sealed_file *file)
{
    char path[PATH_MAX];
    int err = name_beside(path, file->path, ".lock");
    if (err)
        return err;
    file->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return file->lock < 0 ? lock_error(errno) : lock(file->lock);
}

/* The key. */

static int check_cost(const struct sealed_file_cost *cost)
{
    bool good = cost->passes >= 1 && cost->passes <= SEALED_FILE_PASSES_MAX &&
                cost->memory_kib >= 8 && cost->memory_kib <= SEALED_FILE_MEMORY_KIB_MAX;
    return good ? 0 : -EBADMSG;
}

static int derive(struct sealed_file *file, const struct sealed_file_key *key)
{
    int err = crypto_pwhash_argon2id(file->key, KEY_BYTES, (const char *)key->passphrase,
                                     key->passphrase_bytes, file->salt, file->cost.passes,
                                     (size_t)file->cost.memory_kib * 1024,
                                     crypto_pwhash_argon2id_ALG_ARGON2ID13);
    return err ? -ENOMEM : 0;
}

/* Reading. */

static int read_whole(int fd, uint8_t *bytes, size_t count)
{
    for (size_t done = 0; done < count;) {
        ssize_t got = read(fd, bytes + done, count - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EBADMSG;
        done += (size_t)got;
    }
    return 0;
}

static int check_kind(const struct stat *status)
{
    if (S_ISDIR(status->st_mode))
        return -EISDIR;
    if (!S_ISREG(status->st_mode))
        return -EMEDIUMTYPE;
    bool has_room = status->st_size >= HEADER_BYTES + TAG_BYTES + LENGTH_BYTES + SUM_BYTES;
    return has_room && status->st_size <= SEALED_FILE_BYTES_MAX ? 0 : -EBADMSG;
}

/* The bytes of the file, or -ENOENT. A device is not even opened, which can have effects. */
static int slurp(const char *path, uint8_t **bytes, size_t *count)
{
    struct stat status;
    if (stat(path, &status))
        return -errno;
    int kind = check_kind(&status);
    if (kind)
        return kind;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -errno;
    uint8_t *read_bytes = NULL;
    int err = fstat(fd, &status) ? -errno : check_kind(&status);
    if (!err) {
        *count = (size_t)status.st_size;
        read_bytes = malloc(*count);
        err = read_bytes ? read_whole(fd, read_bytes, *count) : -ENOMEM;
    }
    close(fd);
    if (err)
        free(read_bytes);
    else
        *bytes = read_bytes;
    return err;
}

static void sum_of(uint8_t sum[static SUM_BYTES], const uint8_t *bytes, size_t count)
{
    crypto_generichash(sum, SUM_BYTES, bytes, count, NULL, 0);
}

/* Look at all that can be seen without the key. */
static int read_header(struct sealed_file *file, const uint8_t *bytes, size_t count)
{
    uint8_t sum[SUM_BYTES];
    struct cursor header = cursor_over(bytes, HEADER_BYTES);
    if (memcmp(cursor_take(&header, MARK_BYTES), mark, MARK_BYTES) != 0)
        return -EBADMSG;
    uint32_t format = cursor_be32(&header);
    if (format > FORMAT)
        return -ENOTSUP;
    sum_of(sum, bytes, count - SUM_BYTES);
    if (format != FORMAT || memcmp(sum, bytes + count - SUM_BYTES, SUM_BYTES) != 0)
        return -EBADMSG;
    file->cost.passes = cursor_be32(&header);
    file->cost.memory_kib = cursor_be32(&header);
    cursor_copy(&header, file->salt, SALT_BYTES);
    return check_cost(&file->cost);
}

static int open_box(const struct sealed_file *file, const uint8_t *bytes, size_t count,
                    uint8_t **content, size_t *content_bytes)
{
    const uint8_t *box = bytes + HEADER_BYTES, *nonce = box - NONCE_BYTES;
    size_t box_bytes = count - HEADER_BYTES - SUM_BYTES;
    uint8_t *plain = secret_alloc(box_bytes - TAG_BYTES);
    if (!plain)
        return -ENOMEM;
    int err = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, box, box_bytes, bytes,
                                                         HEADER_BYTES, nonce, file->key)
                  ? -EKEYREJECTED
                  : 0;
    struct cursor inside = cursor_over(plain, box_bytes - TAG_BYTES);
    uint64_t length = err ? 0 : cursor_be64(&inside);
    if (!err && length > inside.left)
        err = -EBADMSG;
    if (err) {
        secret_free(plain);
        return err;
    }
    memmove(plain, inside.at, (size_t)length);
    *content = plain;
    *content_bytes = (size_t)length;
    return 0;
}

static int read_standing(struct sealed_file *file, const struct sealed_file_key *key,
                         const uint8_t *bytes, size_t count, uint8_t **content,
                         size_t *content_bytes)
{
    int err = read_header(file, bytes, count);
    if (!err)
        err = derive(file, key);
    return err ? err : open_box(file, bytes, count, content, content_bytes);
}

static int begin_new(struct sealed_file *file, const struct sealed_file_key *key, uint8_t **content)
{
    file->cost = key->cost;
    random_fill(&random_system, file->salt, SALT_BYTES);
    int err = check_cost(&file->cost) ? -EINVAL : derive(file, key);
    if (!err)
        *content = NULL;
    return err;
}

/* The one that stands, or a new one. */
static int find(struct sealed_file *file, const struct sealed_file_key *key, uint8_t **content,
                size_t *content_bytes)
{
    uint8_t *bytes = NULL;
    size_t count = 0;
    int err = slurp(file->path, &bytes, &count);
    if (err == -ENOENT)
        return begin_new(file, key, content);
    if (!err)
        err = read_standing(file, key, bytes, count, content, content_bytes);
    free(bytes);
    return err;
}

/* A link is followed, so that the lock and what is written stand beside the file itself. */
static int follow(char out[static PATH_MAX], const char *path)
{
    struct stat about;
    if (lstat(path, &about) || !S_ISLNK(about.st_mode))
        return name_beside(out, path, "");
    return realpath(path, out) ? 0 : errno == ENOENT ? -ELOOP : -errno;
}

static int name_paths(struct sealed_file *file, const char *path)
{
    int err = path[0] ? follow(file->path, path) : -EINVAL;
    return err ? err : name_beside(file->fresh, path, ".new");
}

/* All that can be seen without the passphrase. Makes nothing. */
static int look(struct sealed_file *file)
{
    uint8_t *bytes = NULL;
    size_t count = 0;
    int err = open_folder(file);
    if (!err)
        err = slurp(file->path, &bytes, &count);
    if (!err)
        err = read_header(file, bytes, count);
    free(bytes);
    if (!err || (err == -ENOENT && file->folder >= 0))
        err = check_folder(file);
    return err ? err : try_lock(file);
}

int sealed_file_look(const char *path)
{
    struct sealed_file *looked = calloc(1, sizeof *looked);
    if (!looked)
        return -ENOMEM;
    looked->folder = looked->lock = -1;
    int err = name_paths(looked, path);
    if (!err)
        err = look(looked);
    sealed_file_close(looked);
    return err;
}

int sealed_file_open(struct sealed_file **file, const char *path, const struct sealed_file_key *key,
                     uint8_t **content, size_t *content_bytes)
{
    struct sealed_file *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    opened->folder = opened->lock = -1;
    opened->key = secret_alloc(KEY_BYTES);
    int err = opened->key ? 0 : -ENOMEM;
    if (!err)
        err = name_paths(opened, path);
    if (!err)
        err = look(opened);
    if (!err)
        err = take_lock(opened);
    if (!err)
        err = find(opened, key, content, content_bytes);
    if (err)
        sealed_file_close(opened);
    else
        *file = opened;
    return err;
}

/* Writing. */

/* All of a file: header, box, sum. */
static void seal(const struct sealed_file *file, uint8_t *bytes, uint8_t *plain, size_t plain_bytes)
{
    uint8_t nonce[NONCE_BYTES];
    struct writer to = {bytes, 0};
    random_fill(&random_system, nonce, sizeof nonce);
    writer_put(&to, mark, sizeof mark);
    writer_be32(&to, FORMAT);
    writer_be32(&to, file->cost.passes);
    writer_be32(&to, file->cost.memory_kib);
    writer_put(&to, file->salt, sizeof file->salt);
    writer_put(&to, nonce, sizeof nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + HEADER_BYTES, NULL, plain, plain_bytes,
                                               bytes, HEADER_BYTES, NULL, nonce, file->key);
    size_t sealed = HEADER_BYTES + plain_bytes + TAG_BYTES;
    sum_of(bytes + sealed, bytes, sealed);
}

static int write_whole(int fd, const uint8_t *bytes, size_t count)
{
    for (size_t done = 0; done < count;) {
        ssize_t put = write(fd, bytes + done, count - done);
        if (put < 0 && errno != EINTR)
            return -errno;
        done += put > 0 ? (size_t)put : 0;
    }
    return 0;
}

static int replace(const struct sealed_file *file, const uint8_t *bytes, size_t count)
{
    int fd = open(file->fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    int err = fchmod(fd, 0600) ? -errno : write_whole(fd, bytes, count);
    if (!err && fsync(fd))
        err = -errno;
    if (close(fd) && !err)
        err = -errno;
    if (!err && rename(file->fresh, file->path))
        err = -errno;
    if (err) {
        unlink(file->fresh);
        return err;
    }
    return fsync(file->folder) ? -errno : 0;
}

int sealed_file_write(struct sealed_file *file, const uint8_t *content, size_t content_bytes)
{
    size_t plain_bytes = LENGTH_BYTES + content_bytes;
    plain_bytes = (plain_bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    size_t count = HEADER_BYTES + plain_bytes + TAG_BYTES + SUM_BYTES;
    if (count > SEALED_FILE_BYTES_MAX)
        return -ENOSPC;
    uint8_t *bytes = malloc(count), *plain = secret_alloc(plain_bytes);
    int err = bytes && plain ? 0 : -ENOMEM;
    if (!err) {
        struct writer to = {plain, 0};
        writer_be64(&to, content_bytes);
        writer_put(&to, content, content_bytes);
        writer_zeros(&to, plain_bytes - to.bytes);
        seal(file, bytes, plain, plain_bytes);
        err = replace(file, bytes, count);
    }
    free(bytes);
    secret_free(plain);
    return err;
}

void sealed_file_close(struct sealed_file *file)
{
    if (!file)
        return;
    if (file->lock >= 0)
        close(file->lock);
    if (file->folder >= 0)
        close(file->folder);
    secret_free(file->key);
    free(file);
}
