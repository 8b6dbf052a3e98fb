#include "group/change.h"

#include <stdbool.h>
#include <string.h>

#include "crypto/hash.h"

enum verdict { OPEN, COUNTS, FALLS };

static bool removes(const struct group_change *change, const struct group_change *other)
{
    for (size_t i = 0; i < change->removes_count; i++)
        if (memcmp(change->removes + i * GROUP_MEMBER_BYTES, other->author, GROUP_MEMBER_BYTES) ==
            0)
            return true;
    return false;
}

static bool same_author(const struct group_change *change, const struct group_change *other)
{
    return memcmp(change->author, other->author, GROUP_MEMBER_BYTES) == 0;
}

/* Whether somebody's change removes this author, who removes that one too. */
static bool is_mutual(const struct group_change *changes, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++)
        if (!same_author(&changes[i], &changes[at]) && removes(&changes[i], &changes[at]) &&
            removes(&changes[at], &changes[i]))
            return true;
    return false;
}

/* The order of changes: negative if `one` comes first. */
static int compare(const uint8_t old_public[static GROUP_KEY_BYTES], const struct group_change *one,
                   const struct group_change *other)
{
    uint8_t rank[GROUP_KEY_BYTES], other_rank[GROUP_KEY_BYTES];
    group_rank(rank, old_public, one->author);
    group_rank(other_rank, old_public, other->author);
    int order = memcmp(rank, other_rank, sizeof rank);
    if (order != 0)
        return order;
    hash_bytes(rank, one->new_public, GROUP_KEY_BYTES);
    hash_bytes(other_rank, other->new_public, GROUP_KEY_BYTES);
    return memcmp(rank, other_rank, sizeof rank);
}

/* The first change in order that has this verdict, or `count`. */
static size_t first_with(enum verdict verdict, const enum verdict *verdicts,
                         const uint8_t old_public[static GROUP_KEY_BYTES],
                         const struct group_change *changes, size_t count)
{
    size_t first = count;
    for (size_t i = 0; i < count; i++)
        if (verdicts[i] == verdict &&
            (first == count || compare(old_public, &changes[i], &changes[first]) < 0))
            first = i;
    return first;
}

/* Whether an open or counting change of somebody else removes this one's author. */
static bool is_threatened(const enum verdict *verdicts, const struct group_change *changes,
                          size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++)
        if (verdicts[i] != FALLS && !same_author(&changes[i], &changes[at]) &&
            removes(&changes[i], &changes[at]))
            return true;
    return false;
}

/* A change counts: all open ones whose authors it removes fall. */
static void let_count(enum verdict *verdicts, const struct group_change *changes, size_t count,
                      size_t at)
{
    verdicts[at] = COUNTS;
    for (size_t i = 0; i < count; i++)
        if (verdicts[i] == OPEN && !same_author(&changes[i], &changes[at]) &&
            removes(&changes[at], &changes[i]))
            verdicts[i] = FALLS;
}

/* Decide on one open change, preferably one that nobody threatens. Returns: whether there was one.
 */
static bool decide_one(enum verdict *verdicts, const uint8_t old_public[static GROUP_KEY_BYTES],
                       const struct group_change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (verdicts[i] == OPEN && !is_threatened(verdicts, changes, count, i)) {
            let_count(verdicts, changes, count, i);
            return true;
        }
    size_t first = first_with(OPEN, verdicts, old_public, changes, count);
    if (first == count)
        return false;
    let_count(verdicts, changes, count, first);
    return true;
}

int group_change_standing(size_t *standing, const uint8_t old_public[static GROUP_KEY_BYTES],
                          const struct group_change *changes, size_t count)
{
    enum verdict verdicts[GROUP_CHANGES_MAX] = {OPEN};
    if (count == 0 || count > GROUP_CHANGES_MAX)
        return -EINVAL;
    for (size_t i = 0; i < count; i++)
        verdicts[i] = is_mutual(changes, count, i) ? FALLS : OPEN;
    while (decide_one(verdicts, old_public, changes, count))
        continue;
    size_t first = first_with(COUNTS, verdicts, old_public, changes, count);
    if (first == count)
        return -ENOENT;
    *standing = first;
    return 0;
}

size_t group_change_gone(uint8_t *gone, const struct group_change *changes, size_t count)
{
    size_t gone_count = 0;
    for (size_t i = 0; i < count; i++) {
        bool reported = false;
        for (size_t k = 0; k < i; k++)
            reported = reported || same_author(&changes[k], &changes[i]);
        bool mutual = false;
        for (size_t k = i; !reported && !mutual && k < count; k++)
            mutual = same_author(&changes[k], &changes[i]) && is_mutual(changes, count, k);
        if (mutual)
            memcpy(gone + gone_count++ * GROUP_MEMBER_BYTES, changes[i].author, GROUP_MEMBER_BYTES);
    }
    return gone_count;
}
