#include "store/file_watch.h"

#include <string.h>
#include <unistd.h>

/* As SQLite's file format has them; numbers of the index in the machine's order. */

struct index_header {
    uint32_t version, unused, changes;
    uint8_t is_init, is_big_endian;
    uint16_t page_bytes; /* 1: 65536 */
    uint32_t frames, pages, checksum[2], salt[2], own_checksum[2];
};

struct index_file {
    struct index_header header, copy;
    uint32_t copied, marks[5];
    uint8_t locks[8];
    uint32_t attempted, unused;
};

struct frame_header {
    uint32_t page, pages, salt[2];
    uint8_t checksum[2][4];
};

_Static_assert(sizeof(struct index_file) == 136, "not as SQLite has the index");
_Static_assert(sizeof(struct frame_header) == 24, "not as SQLite has a frame");

enum { LOG_HEADER_BYTES = 32, LOG_SALT_AT = 16, INDEX_VERSION = 3007000, TRIES = 8 };

static const char magic[16] = "SQLite format 3";

void file_watch_init(struct file_watch *watch, int file)
{
    *watch = (struct file_watch){.file = file, .log = -1, .index = -1};
    pthread_mutex_init(&watch->copying, NULL);
}

void file_watch_free(struct file_watch *watch)
{
    if (watch->log >= 0)
        close(watch->log);
    if (watch->index >= 0)
        close(watch->index);
    pthread_mutex_destroy(&watch->copying);
}

/* Reading */

static bool read_at(int fd, void *to, size_t bytes, off_t at)
{
    return pread(fd, to, bytes, at) == (ssize_t)bytes;
}

static uint32_t big_endian(const uint8_t bytes[static 4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool is_usable(const struct index_file *index)
{
    return index->header.version == INDEX_VERSION && index->header.is_init &&
           memcmp(&index->header, &index->copy, sizeof index->header) == 0;
}

static struct watched_index watched(const struct index_file *index)
{
    return (struct watched_index){.salt = {index->header.salt[0], index->header.salt[1]},
                                  .copied = index->copied,
                                  .attempted = index->attempted,
                                  .usable = is_usable(index)};
}

static int found(struct file_watch *watch, enum watched which)
{
    int none = WATCHED_NONE;
    atomic_compare_exchange_strong(&watch->overwritten, &none, which);
    return -EREMCHG;
}

/* The log */

static bool is_as_indexed(const struct file_watch *watch, const struct index_header *index)
{
    uint32_t salt[2];
    struct frame_header last;
    off_t page_bytes = (index->page_bytes & 0xfe00) + ((off_t)(index->page_bytes & 1) << 16);
    off_t at = LOG_HEADER_BYTES + (off_t)(index->frames - 1) * ((off_t)sizeof last + page_bytes);
    return read_at(watch->log, salt, sizeof salt, LOG_SALT_AT) &&
           read_at(watch->log, &last, sizeof last, at) &&
           memcmp(salt, index->salt, sizeof salt) == 0 &&
           memcmp(last.salt, index->salt, sizeof salt) == 0 &&
           big_endian(last.checksum[0]) == index->checksum[0] &&
           big_endian(last.checksum[1]) == index->checksum[1];
}

/* Which of the two it is that has changed: the log that was good has kept its salt. */
static enum watched blame(const struct file_watch *watch, const struct index_header *index)
{
    uint32_t salt[2];
    bool is_log_kept = read_at(watch->log, salt, sizeof salt, LOG_SALT_AT) &&
                       memcmp(salt, watch->salt_seen, sizeof salt) == 0;
    return is_log_kept && memcmp(salt, index->salt, sizeof salt) != 0 ? WATCHED_INDEX : WATCHED_LOG;
}

/* Somebody else may write meanwhile: then the index has changed, and it is looked at again. */
static int check_log(struct file_watch *watch)
{
    struct index_file before, after;
    if (watch->log < 0 || watch->index < 0)
        return 0;
    for (int i = 0; i < TRIES; i++) {
        if (!read_at(watch->index, &before, sizeof before, 0))
            return found(watch, WATCHED_INDEX);
        if (!is_usable(&before) || before.header.frames == 0)
            return 0;
        if (is_as_indexed(watch, &before.header)) {
            memcpy(watch->salt_seen, before.header.salt, sizeof watch->salt_seen);
            return 0;
        }
        if (!read_at(watch->index, &after, sizeof after, 0))
            return found(watch, WATCHED_INDEX);
        if (memcmp(&before.header, &after.header, sizeof before.header) == 0)
            return found(watch, blame(watch, &before.header));
    }
    return 0;
}

/* The file */

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Of a file that is short the rest is zeros. */
static void take_sample(int file, uint8_t sample[static SAMPLE_BYTES])
{
    memset(sample, 0, SAMPLE_BYTES);
    (void)!pread(file, sample, SAMPLE_BYTES, 0);
}

static struct watched_index look_at_index(const struct file_watch *watch)
{
    struct index_file index;
    return watch->index >= 0 && read_at(watch->index, &index, sizeof index, 0)
               ? watched(&index)
               : (struct watched_index){.usable = false};
}

/* Whether a checkpoint explains that the file has changed. */
static bool is_copied_into(const struct watched_index *noted, const struct watched_index *now)
{
    return !now->usable || !noted->usable ||
           memcmp(now->salt, noted->salt, sizeof now->salt) != 0 || now->copied != noted->copied ||
           now->attempted != noted->attempted || now->attempted != now->copied;
}

static void note(struct file_watch *watch)
{
    watch->noted = fstat(watch->file, &watch->file_noted) == 0;
    watch->index_noted = look_at_index(watch);
    if (watch->noted)
        take_sample(watch->file, watch->sample);
}

/* Whether the file is as noted; then what the index has come to has nothing to do with it, and is
 * noted anew: a log that has begun anew explains no later change. */
static bool is_as_noted(struct file_watch *watch, struct stat *now)
{
    struct watched_index index = look_at_index(watch);
    if (fstat(watch->file, now) || !is_unchanged(now, &watch->file_noted))
        return false;
    watch->index_noted = index;
    return true;
}

/* A checkpoint says in the index that it begins before it writes: so the index is read first for
 * what is noted of a file that has not changed, and last for what explains a change. */
static int check_file(struct file_watch *watch)
{
    struct stat now = {0};
    if (!watch->noted || is_as_noted(watch, &now))
        return 0;
    take_sample(watch->file, watch->sample_now);
    struct watched_index index = look_at_index(watch);
    bool is_same = now.st_size == watch->file_noted.st_size &&
                   memcmp(watch->sample_now, watch->sample, SAMPLE_BYTES) == 0;
    if (memcmp(watch->sample_now, magic, sizeof magic) != 0 ||
        (!is_same && !is_copied_into(&watch->index_noted, &index)))
        return found(watch, WATCHED_FILE);
    note(watch);
    return 0;
}

/* The whole */

/* With the lock. */
static int check(struct file_watch *watch)
{
    int err = atomic_load(&watch->overwritten) != WATCHED_NONE ? -EREMCHG : check_file(watch);
    return err ? err : check_log(watch);
}

void file_watch_note(struct file_watch *watch)
{
    pthread_mutex_lock(&watch->copying);
    note(watch);
    pthread_mutex_unlock(&watch->copying);
}

void file_watch_note_commit(struct file_watch *watch)
{
    struct stat now;
    if (pthread_mutex_trylock(&watch->copying))
        return;
    if (watch->noted && is_as_noted(watch, &now))
        memcpy(watch->salt_seen, watch->index_noted.salt, sizeof watch->salt_seen);
    pthread_mutex_unlock(&watch->copying);
}

/* While the log is being copied, which was looked at before, nobody waits for that. */
int file_watch_check(struct file_watch *watch)
{
    if (pthread_mutex_trylock(&watch->copying))
        return atomic_load(&watch->overwritten) != WATCHED_NONE ? -EREMCHG : 0;
    int err = check(watch);
    pthread_mutex_unlock(&watch->copying);
    return err;
}

int file_watch_begin_copy(struct file_watch *watch)
{
    pthread_mutex_lock(&watch->copying);
    int err = check(watch);
    if (err)
        pthread_mutex_unlock(&watch->copying);
    return err;
}

void file_watch_end_copy(struct file_watch *watch)
{
    note(watch);
    pthread_mutex_unlock(&watch->copying);
}
