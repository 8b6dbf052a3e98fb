/* The epochs of a group as one of its devices knows them, and the current one. */
#ifndef REUNION_GROUP_EPOCHS_H
#define REUNION_GROUP_EPOCHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/random.h"
#include "base/writer.h"
#include "group/change.h"
#include "group/state.h"

/* DESIGN: states are a tree, each below the one that it follows; the root is what this device began
 * with. From the root down, of the states that follow one epoch that one is taken which stands
 * (change.h), and where it ends is the current epoch. So it depends on nothing but the set of
 * states: a change that comes late, after others that follow another one, moves the current epoch
 * to where it would have been. What is too old to move it is not taken (GROUP_EPOCHS_LATE_MAX).
 *
 * LIMIT: a change is sent to the members of its new epoch alone, so whom it removes may not know of
 * it. Where three or more members change one epoch at the same time, and one change removes
 * somebody, that device can choose another of the changes than the rest do.
 *
 * No I/O and no clock: whoever opens copies hands states over, keeps copies that nothing opens yet
 * for a while and tries them again after a new epoch, and sends what is made here. One thread at a
 * time. Secrets are in guarded memory. */

enum {
    GROUP_EPOCHS_MAX = GROUP_CHANGES_MAX, /* states that are kept */
    GROUP_EPOCHS_LATE_MAX = 8,            /* epochs below the current one that a state may follow */
};

struct group_epochs;

/* Begin with a group of one's own: epoch 0, and no other member. `own` has key, mailbox and name.
 * Returns: 0, -EINVAL (no member's key, or a name that is too long), -ENOMEM. `out` is the
 * caller's until group_epochs_close. */
MUST_CHECK int group_epochs_found(struct group_epochs **out, const struct group_name *name,
                                  const struct group_state_member *own,
                                  const struct random_source *random);

/* Begin with the state that the inviter sent under the meeting's key. If more than one comes, a
 * device begins anew with that of the inviter's newest message.
 * Returns: 0, -EACCES (this device, or its inviter, is not in it), -ENOMEM. */
MUST_CHECK int group_epochs_join(struct group_epochs **out, const struct group_state *state,
                                 const uint8_t own[static GROUP_MEMBER_BYTES],
                                 const uint8_t inviter[static GROUP_MEMBER_BYTES]);

/* Wipe and release; NULL is fine. */
void group_epochs_close(struct group_epochs *epochs);

/* Take a state that `author` signed, one's own included. What follows the current epoch, or an
 * epoch below it, may change which one is current.
 * Returns: 0; -EEXIST (its G is known); -ENOENT (it follows no epoch that is known, or one that is
 * too old); -EACCES (the author is no member of that epoch); -EBADMSG (another number of epoch);
 * -ENOSPC (GROUP_EPOCHS_MAX are kept), -ENOMEM. */
MUST_CHECK int group_epochs_take(struct group_epochs *epochs, const struct group_state *state,
                                 const uint8_t author[static GROUP_MEMBER_BYTES]);

/* The current epoch, and the one that it follows (NULL: not known). Both belong to `epochs` and
 * are valid until the next call that changes it. */
const struct group_state *group_epochs_current(const struct group_epochs *epochs);
const struct group_state *group_epochs_before(const struct group_epochs *epochs);

/* The states that are known, in no order, for `at` from 0, and who signed each; NULL: no more. They
 * belong to `epochs` and are valid until the next call that changes it. */
const struct group_state *group_epochs_each(const struct group_epochs *epochs, size_t at,
                                            const uint8_t **author);

/* A member said that it goes (type 3). The same again is fine.
 * Returns: 0, -ENOSPC (more than GROUP_MEMBERS_MAX members who did and are not gone). */
MUST_CHECK int group_epochs_leave(struct group_epochs *epochs,
                                  const uint8_t member[static GROUP_MEMBER_BYTES]);

/* Members of the current epoch who are to go, one behind the other in `gone`, which has room for
 * GROUP_MEMBERS_MAX: those who said so, and those who removed each other. `own_turn` is whether
 * this device is the one that makes the new epoch then. Returns: how many. */
size_t group_epochs_gone(const struct group_epochs *epochs, uint8_t *gone, bool *own_turn);

/* A change of members. What it points to stays the caller's. */
struct group_intent {
    const uint8_t *removed; /* members, one behind the other */
    size_t removed_count;
    const struct group_state_member *added;
    size_t added_count;
};

/* Make the state that follows the current epoch with a change, and a fresh G. Members who are to
 * go (group_epochs_gone) go with every change. Who stands in both
 * lists, is there already, or is not there, makes no difference. The caller sets `next_number` of
 * the members, sends the state, and hands it to group_epochs_take.
 * Returns: 0, -EINVAL (too few members left, too many, this device is to go itself, or no epoch is
 * left to follow). */
MUST_CHECK int group_epochs_make(const struct group_epochs *epochs, struct group_state *state,
                                 const struct group_intent *intent,
                                 const struct random_source *random);

/* Own changes that did not stand are to be made again, each told once: `removed` and `added` have
 * room for GROUP_MEMBERS_MAX each, and get what of such a change the current epoch does not have.
 * Returns: 0, -ENOENT (there is none, or this device is no member any more). */
MUST_CHECK int group_epochs_redo(struct group_epochs *epochs, uint8_t *removed,
                                 size_t *removed_count, struct group_state_member *added,
                                 size_t *added_count);

/* Write everything, secrets included (a writer without memory counts), and read it back.
 * Returns: 0, -EBADMSG, -ENOMEM (`out` is untouched then). `out` is the caller's until
 * group_epochs_close. */
void group_epochs_save(const struct group_epochs *epochs, struct writer *writer);
MUST_CHECK int group_epochs_load(struct group_epochs **out, struct cursor *cursor);

#endif
