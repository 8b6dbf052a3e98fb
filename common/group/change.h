/* Concurrent changes of one epoch, and which of them wins. */
#ifndef REUNION_GROUP_CHANGE_H
#define REUNION_GROUP_CHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "group/key.h"

/* DESIGN: which change wins depends on the set of changes alone, so all who know the same
 * changes agree, whatever order they came in. A change counts unless a change that counts
 * removes its author. Two changes that remove each other's authors both do not count, and both
 * authors are removed. Remaining cycles are broken in the order of H(old G || author), then
 * H(new G). Of the changes that count, the first in that order wins. */

enum { GROUP_CHANGES_MAX = 64 };

/* A change: a state that follows the epoch. What it points to stays the caller's. */
struct group_change {
    const uint8_t *author;     /* GROUP_MEMBER_BYTES */
    const uint8_t *new_public; /* GROUP_KEY_BYTES: G of the epoch that it makes */
    const uint8_t *removes;    /* members, one behind the other */
    size_t removes_count;
};

/* Which of `count` (1 to GROUP_CHANGES_MAX) changes of the epoch with the key `old_public` stands.
 * Any thread.
 * Returns: 0 and its index; -ENOENT (none: authors removed each other, see
 * group_change_gone; `standing` is untouched), -EINVAL (their number). */
MUST_CHECK int group_change_standing(size_t *standing,
                                     const uint8_t old_public[static GROUP_KEY_BYTES],
                                     const struct group_change *changes, size_t count);

/* Authors of changes who removed each other, one behind the other in `gone`, which has room for
 * `count`: where no change stands, the first member without these (group_key_first) makes the
 * epoch. Returns: how many. */
size_t group_change_gone(uint8_t *gone, const struct group_change *changes, size_t count);

#endif
