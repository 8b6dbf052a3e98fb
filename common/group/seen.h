/* Which parts of which messages have arrived: duplicates and gaps. */
#ifndef REUNION_GROUP_SEEN_H
#define REUNION_GROUP_SEEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/writer.h"
#include "group/key.h"

/* DESIGN: one list per author and G of the messages that have come; its gapless, complete
 * beginning is stored as one number. A list has at most GROUP_SEEN_OPEN_MAX messages beyond
 * that: with more, the oldest gap is given up, and messages that would fill it count as seen.
 * One thread at a time. No I/O: a device saves this with the rest of its state. */

enum {
    GROUP_SEEN_OPEN_MAX = 1024,
    GROUP_SEEN_LISTS_MAX = 1024, /* authors under all G's together */
};

struct group_seen;

/* Returns: one that has seen nothing, owned by the caller until group_seen_close, or NULL (no
 * memory). */
MUST_CHECK struct group_seen *group_seen_open(void);
/* NULL is fine. */
void group_seen_close(struct group_seen *seen);

/* Part `part` of `parts` (1 to 64) of an author's message has come.
 * Returns: 0 (it is new); -EEXIST; -EBADMSG (it is not one of that many parts, or there were
 * another number of parts before); -ENOSPC (GROUP_SEEN_LISTS_MAX), -ENOMEM. */
MUST_CHECK int group_seen_take(struct group_seen *seen,
                               const uint8_t group_public[static GROUP_KEY_BYTES],
                               const uint8_t author[static GROUP_MEMBER_BYTES], uint64_t number,
                               uint8_t part, uint8_t parts);

/* Messages below `next` are known to exist, as a state tells it.
 * Returns: 0, -ENOSPC, -ENOMEM. */
MUST_CHECK int group_seen_expect(struct group_seen *seen,
                                 const uint8_t group_public[static GROUP_KEY_BYTES],
                                 const uint8_t author[static GROUP_MEMBER_BYTES], uint64_t next);

/* How many of an author's messages are known to exist and have not come whole; the first of them,
 * at most `max`, to `numbers`. */
uint64_t group_seen_missing(const struct group_seen *seen,
                            const uint8_t group_public[static GROUP_KEY_BYTES],
                            const uint8_t author[static GROUP_MEMBER_BYTES], uint64_t *numbers,
                            size_t max);

/* One above the highest number of an author's that is known to exist under a G; 0: none is. */
uint64_t group_seen_next(const struct group_seen *seen,
                         const uint8_t group_public[static GROUP_KEY_BYTES],
                         const uint8_t author[static GROUP_MEMBER_BYTES]);

/* Forget everything under a G, whose messages are no longer shown. */
void group_seen_forget(struct group_seen *seen, const uint8_t group_public[static GROUP_KEY_BYTES]);

/* Write everything (a writer without memory counts), and read it back.
 * Returns: 0, -EBADMSG, -ENOMEM (`seen` has nothing in it then). */
void group_seen_save(const struct group_seen *seen, struct writer *writer);
MUST_CHECK int group_seen_load(struct group_seen *seen, struct cursor *cursor);

#endif
