#include "mix/tag_log.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BOOT_ID_BYTES = 64, /* with the terminating zero */
    STATE_BYTES = 256,
    NAME_BYTES = 32,
    LOADED_AT_ONCE = 4096, /* tags */
};

#define STATE_FORM "reunion-mix state 1\nboot %s\nclosed %d\nfirst %" PRIu64 "\n"

/* Tags of one window. */
struct window_file {
    uint32_t window;
    int fd;       /* -1: not open */
    off_t bytes;  /* whole tags that are in it */
    size_t count; /* tags that wait */
    uint8_t tags[TAG_LOG_PENDING_MAX][MIX_TAG_BYTES];
};

struct tag_log {
    int folder;
    struct mix_replay *replay;
    char boot_id[BOOT_ID_BYTES];
    uint64_t first;                            /* window that is taken: all before it are refused */
    bool lost;                                 /* a tag that had no room to wait */
    struct window_file files[TAG_LOG_WINDOWS]; /* by window, modulo their number */
};

/* The state */

struct state {
    char boot_id[BOOT_ID_BYTES];
    bool closed;
    uint64_t first;
};

/* The rest of what was written in part says why. Returns: 0, or the system's errno. */
static int write_at(int fd, const void *data, size_t bytes, off_t place)
{
    const uint8_t *at = data;
    while (bytes > 0) {
        ssize_t written = pwrite(fd, at, bytes, place);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? -errno : -EIO;
        at += written;
        place += written;
        bytes -= (size_t)written;
    }
    return 0;
}

/* It appears whole, and is safe on the disk then. */
static int write_state(int folder, const struct state *state)
{
    static const char partial[] = "state.new";
    char text[STATE_BYTES];
    int length = snprintf(text, sizeof text, STATE_FORM, state->boot_id[0] ? state->boot_id : "-",
                          state->closed, state->first);
    int fd = openat(folder, partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    int err = write_at(fd, text, (size_t)length, 0);
    if (!err && fsync(fd))
        err = -errno;
    if (close(fd) && !err)
        err = -errno;
    if (!err && renameat(folder, partial, folder, "state"))
        err = -errno;
    return !err && fsync(folder) ? -errno : err;
}

static int parse_state(struct state *state, const char *text)
{
    char again[STATE_BYTES];
    int closed;
    if (sscanf(text, "reunion-mix state 1\nboot %63[0-9a-f-]\nclosed %d\nfirst %" SCNu64 "\n",
               state->boot_id, &closed, &state->first) != 3)
        return -EBADMSG;
    state->closed = closed == 1;
    snprintf(again, sizeof again, STATE_FORM, state->boot_id, closed, state->first);
    return strcmp(text, again) == 0 && state->first <= (uint64_t)UINT32_MAX + 1 ? 0 : -EBADMSG;
}

/* Returns: 0, -ENOENT, -EBADMSG, or the system's errno. */
static int read_state(int folder, struct state *state)
{
    char text[STATE_BYTES];
    int fd = openat(folder, "state", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    ssize_t bytes = read(fd, text, sizeof text - 1);
    int err = bytes < 0 ? -errno : 0;
    close(fd);
    if (err)
        return err;
    text[bytes] = '\0';
    return parse_state(state, text);
}

static int open_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int tag_log_begin(const char *folder, const char *boot_id)
{
    struct state found, state = {.closed = true};
    int fd = open_folder(folder);
    if (fd < 0)
        return fd;
    snprintf(state.boot_id, sizeof state.boot_id, "%s", boot_id);
    int err = read_state(fd, &found);
    err = err == -ENOENT ? write_state(fd, &state) : err == 0 || err == -EBADMSG ? -EEXIST : err;
    close(fd);
    return err;
}

/* Files of windows */

static void name_file(char name[static NAME_BYTES], uint32_t window)
{
    snprintf(name, NAME_BYTES, "tags-%" PRIu32, window);
}

/* Returns: whether a file in the folder has tags; then `*window` is whose. */
static bool is_tags_file(const char *name, uint32_t *window)
{
    char again[NAME_BYTES];
    if (sscanf(name, "tags-%" SCNu32, window) != 1)
        return false;
    name_file(again, *window);
    return strcmp(name, again) == 0;
}

static struct window_file *file_of(struct tag_log *log, uint32_t window)
{
    return &log->files[window % TAG_LOG_WINDOWS];
}

/* Give the table the tags of a file. Returns: 0, -ENOSPC, -ENOMEM, or the system's errno. */
static int load(struct tag_log *log, struct window_file *file)
{
    uint8_t(*tags)[MIX_TAG_BYTES] = malloc((size_t)LOADED_AT_ONCE * sizeof *tags);
    ssize_t bytes = 0;
    int err = tags ? 0 : -ENOMEM;
    while (!err && (bytes = pread(file->fd, tags, LOADED_AT_ONCE * sizeof *tags, file->bytes)) >=
                       MIX_TAG_BYTES) {
        size_t count = (size_t)bytes / MIX_TAG_BYTES;
        for (size_t i = 0; i < count && !err; i++) {
            err = mix_replay_keep(log->replay, file->window, tags[i]);
            if (err == -EEXIST || err == -EKEYEXPIRED)
                err = 0;
        }
        file->bytes += (off_t)(count * MIX_TAG_BYTES);
    }
    if (!err && bytes < 0)
        err = -errno;
    free(tags);
    return err;
}

/* Returns: 0, or as load. */
static int open_file(struct tag_log *log, struct window_file *file)
{
    char name[NAME_BYTES];
    name_file(name, file->window);
    file->fd =
        openat(log->folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (file->fd < 0)
        return -errno;
    file->bytes = 0;
    int err = load(log, file);
    if (err) {
        close(file->fd);
        file->fd = -1;
    }
    return err;
}

/* What cannot be read may have tags: then nothing of the window is taken. */
static void begin_window(struct tag_log *log, uint32_t window)
{
    struct window_file *file = file_of(log, window);
    if (file->window == window && file->fd >= 0)
        return;
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    file->window = window;
    file->count = 0;
    if (open_file(log, file))
        mix_replay_refuse(log->replay, window);
}

static bool is_taken(uint32_t window, uint32_t now)
{
    return (uint64_t)window + 1 >= now && window <= (uint64_t)now + 1;
}

static void remove_old(struct tag_log *log, uint32_t now)
{
    char name[NAME_BYTES];
    for (size_t i = 0; i < TAG_LOG_WINDOWS; i++) {
        struct window_file *file = &log->files[i];
        if (file->fd < 0 || is_taken(file->window, now))
            continue;
        name_file(name, file->window);
        if (file->window < now)
            (void)unlinkat(log->folder, name, 0);
        close(file->fd);
        file->fd = -1;
    }
}

void tag_log_set_window(struct tag_log *log, uint32_t now)
{
    remove_old(log, now);
    for (uint32_t window = now > 0 ? now - 1 : 0; is_taken(window, now); window++)
        begin_window(log, window);
}

/* Adding */

/* Returns: 0, or the system's errno. */
static int write_file(struct window_file *file)
{
    size_t bytes = file->count * MIX_TAG_BYTES;
    if (bytes == 0)
        return 0;
    if (file->fd < 0)
        return -EIO;
    int err = write_at(file->fd, file->tags, bytes, file->bytes);
    if (err)
        return err;
    file->bytes += (off_t)bytes;
    file->count = 0;
    return 0;
}

void tag_log_add(struct tag_log *log, uint32_t window, const uint8_t tag[static MIX_TAG_BYTES])
{
    struct window_file *file = file_of(log, window);
    INVARIANT(file->window == window);
    if (file->count == TAG_LOG_PENDING_MAX && write_file(file)) {
        log->lost = true;
        return;
    }
    memcpy(file->tags[file->count++], tag, MIX_TAG_BYTES);
}

int tag_log_write(struct tag_log *log)
{
    int err = log->lost ? -EIO : 0;
    log->lost = false;
    for (size_t i = 0; i < TAG_LOG_WINDOWS; i++) {
        int failed = write_file(&log->files[i]);
        err = failed ? failed : err;
    }
    return err;
}

/* Opening and closing */

/* Remove what is old. Returns: the last window that there are tags of, 0 if there is none. */
static uint32_t look_through(const struct tag_log *log, uint32_t now)
{
    uint32_t window, last = 0;
    int fd = dup(log->folder);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    for (struct dirent *each; (each = readdir(entries));) {
        if (!is_tags_file(each->d_name, &window))
            continue;
        if (window < now && !is_taken(window, now))
            (void)unlinkat(log->folder, each->d_name, 0);
        else if (window > last)
            last = window;
    }
    closedir(entries);
    return last;
}

/* Decide which windows are refused. Returns: 0, -EBADMSG, or the system's errno. */
static int decide(struct tag_log *log, const struct tag_log_start *start,
                  struct tag_log_found *found)
{
    struct state state = {.first = 0};
    int err = read_state(log->folder, &state);
    if (err && err != -ENOENT)
        return err;
    uint32_t last = look_through(log, start->window);
    bool is_same_boot = start->boot_id[0] && strcmp(state.boot_id, start->boot_id) == 0;
    found->may_lack_tags = err || (!state.closed && !is_same_boot);
    log->first = state.first;
    if (found->may_lack_tags) {
        found->refused = last > start->window + 1 ? last : start->window + 1;
        if (log->first <= found->refused)
            log->first = (uint64_t)found->refused + 1;
    }
    if (log->first > 0)
        mix_replay_refuse(log->replay, (uint32_t)(log->first - 1));
    return 0;
}

static int note(const struct tag_log *log, bool closed)
{
    struct state state = {.closed = closed, .first = log->first};
    memcpy(state.boot_id, log->boot_id, sizeof state.boot_id);
    return write_state(log->folder, &state);
}

static void release(struct tag_log *log)
{
    for (size_t i = 0; i < TAG_LOG_WINDOWS; i++)
        if (log->files[i].fd >= 0)
            close(log->files[i].fd);
    if (log->folder >= 0)
        close(log->folder);
    free(log);
}

/* Returns: 0, or as tag_log_open. */
static int begin(struct tag_log *log, const struct tag_log_start *start,
                 struct tag_log_found *found)
{
    if (flock(log->folder, LOCK_EX | LOCK_NB))
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    int err = decide(log, start, found);
    uint32_t first = start->window > 0 ? start->window - 1 : 0;
    for (uint32_t window = first; !err && is_taken(window, start->window); window++) {
        file_of(log, window)->window = window;
        err = open_file(log, file_of(log, window));
    }
    if (!err)
        err = note(log, false);
    found->tags = mix_replay_tags(log->replay);
    return err;
}

int tag_log_open(struct tag_log **opened, const char *folder, const struct tag_log_start *start,
                 struct mix_replay *replay, struct tag_log_found *found)
{
    struct tag_log *log = calloc(1, sizeof *log);
    if (!log)
        return -ENOMEM;
    *found = (struct tag_log_found){.tags = 0};
    log->replay = replay;
    for (size_t i = 0; i < TAG_LOG_WINDOWS; i++)
        log->files[i].fd = -1;
    snprintf(log->boot_id, sizeof log->boot_id, "%s", start->boot_id);
    log->folder = open_folder(folder);
    int err = log->folder < 0 ? log->folder : begin(log, start, found);
    if (err)
        release(log);
    else
        *opened = log;
    return err;
}

int tag_log_close(struct tag_log *log)
{
    if (!log)
        return 0;
    int err = tag_log_write(log);
    for (size_t i = 0; i < TAG_LOG_WINDOWS && !err; i++)
        if (log->files[i].fd >= 0 && fsync(log->files[i].fd))
            err = -errno;
    if (!err)
        err = note(log, true);
    release(log);
    return err;
}
