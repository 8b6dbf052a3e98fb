/* Replay table of a mix: tags of the packets of each window that it took. */
#ifndef REUNION_MIX_REPLAY_H
#define REUNION_MIX_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "mix/keys.h"

/* DESIGN: three windows are accepted at a time, so there are three hash tables with open
 * addressing that hold nothing but tags: 16 bytes each, at most 7/8 full, and never below 7/12
 * once a table has grown. A table has 64 parts that grow one at a time, so that keeping a tag
 * never takes long, and a part that grows adds little to the memory of all. A packet's maker
 * chooses its tag, so its slot depends on a key of this table (SipHash). The table does no I/O: a
 * mix that keeps tags on disk writes each tag that mix_replay_keep took, and reads them back
 * through the same function. One thread at a time. */

struct mix_replay;

/* Make a table of at most `tags_max` (at least 1) tags in all windows together; its memory grows
 * with what is in it.
 * Returns: the table, owned by the caller until mix_replay_close, or NULL (no memory). */
MUST_CHECK struct mix_replay *mix_replay_open(size_t tags_max, const struct random_source *random);
/* NULL is fine. */
void mix_replay_close(struct mix_replay *replay);

/* Forget the tags of windows that a mix no longer takes in window `now`, and from then on refuse
 * these windows, whatever the clock says later. */
void mix_replay_forget(struct mix_replay *replay, uint32_t now);

/* Refuse all windows up to `last`: tags of theirs may be lost. */
void mix_replay_refuse(struct mix_replay *replay, uint32_t last);

/* Keep a tag of a window.
 * Returns: 0; -EEXIST (it is kept already: a replay); -EKEYEXPIRED (the window is refused, see
 * above); -ENOSPC (`tags_max` are kept, or tags of three other windows); -ENOMEM. */
MUST_CHECK int mix_replay_keep(struct mix_replay *replay, uint32_t window,
                               const uint8_t tag[static MIX_TAG_BYTES]);

/* How many tags are kept, and how many bytes of memory they take. */
size_t mix_replay_tags(const struct mix_replay *replay);
size_t mix_replay_bytes(const struct mix_replay *replay);

#endif
