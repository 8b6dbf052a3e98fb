/* The replay table's tags on disk, so that they survive the mix being stopped or killed. */
#ifndef REUNION_SERVER_MIX_TAG_LOG_H
#define REUNION_SERVER_MIX_TAG_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mix/replay.h"

/* DESIGN: a folder has a file for each window that is taken, `tags-WINDOW`, which tags are appended
 * to, and a file `state`. Tags are written before the packets they belong to leave the mix, many by
 * one call. What is written outlives the process, whatever ends it, as it is in the system's cache;
 * it outlives the system only if the mix was stopped in order, which writes it to the disk. `state`
 * says under which boot id the log was opened, whether it was closed in order, and which windows
 * are refused. A log of an earlier boot that was not closed in order may lack tags: then all
 * windows up to the one after the current are refused. So they are where there is no `state`: a
 * new mix begins with one. A part of a tag at a file's end was never acted upon. A file of a window
 * that is still to come, as the clock was ahead, waits until that window is taken. One process at a
 * time (flock), one thread. */

enum { TAG_LOG_WINDOWS = 3, TAG_LOG_PENDING_MAX = 256 };

struct tag_log;

struct tag_log_start {
    const char *boot_id; /* of the running system, up to 63 characters; empty: it is not known */
    uint32_t window;     /* the current one */
};

/* What was found on opening. */
struct tag_log_found {
    size_t tags;
    bool may_lack_tags; /* so windows up to `refused` are not taken */
    uint32_t refused;
};

/* Open the log in a folder, and give `replay`, which must outlive it, the tags in it and the
 * windows to refuse. Files of windows that are not taken any more are removed.
 * Returns: 0; -EBUSY (another process has it), -EBADMSG (its state is not one that was written
 * here), -ENOSPC (more tags than `replay` may keep), -ENOMEM, or the system's errno. */
MUST_CHECK int tag_log_open(struct tag_log **log, const char *folder,
                            const struct tag_log_start *start, struct mix_replay *replay,
                            struct tag_log_found *found);

/* Make a folder's state that of a mix that has never taken a packet. Returns: 0; -EEXIST (it has
 * one, which is left alone), or the system's errno. */
MUST_CHECK int tag_log_begin(const char *folder, const char *boot_id);

/* One tag more, which the table has just kept, of a window that is taken. */
void tag_log_add(struct tag_log *log, uint32_t window, const uint8_t tag[static MIX_TAG_BYTES]);

/* Write the tags that were added. Returns: 0, or the system's errno: then what they belong to, all
 * since the last time that it was 0, must not leave the mix. */
MUST_CHECK int tag_log_write(struct tag_log *log);

/* The current window is another one: remove the files of those that are not taken any more. */
void tag_log_set_window(struct tag_log *log, uint32_t now);

/* Write everything to the disk, note that it was closed in order, and release. NULL is fine.
 * Returns: 0, or the system's errno (then it counts as one that was not closed in order). */
int tag_log_close(struct tag_log *log);

#endif
