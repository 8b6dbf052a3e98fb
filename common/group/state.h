/* Group states: the content of a new epoch, sent by the member who made it. */
#ifndef REUNION_GROUP_STATE_H
#define REUNION_GROUP_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "group/key.h"
#include "group/message.h"

/* Source: groups.md of the specification, "Becoming one of them". Any thread. */

enum {
    GROUP_NAME_BYTES_MAX = 32,
    GROUP_STATE_VERSION = 1,
    GROUP_STATE_MEMBERS_MIN = 2,
    GROUP_STATE_BYTES_MAX = 135 + GROUP_MEMBERS_MAX * 89,
};

struct group_name {
    uint8_t bytes;
    uint8_t text[GROUP_NAME_BYTES_MAX];
};

struct group_state_member {
    uint8_t member[GROUP_MEMBER_BYTES];
    uint8_t mailbox_id[GROUP_MAILBOX_ID_BYTES];
    uint64_t next_number;   /* of the epoch before: how many messages it wrote in it */
    struct group_name name; /* empty until the member tells one */
};

/* Secret, as it has Gs; the caller wipes it. */
struct group_state {
    uint32_t epoch; /* from 1 */
    uint8_t public_key[GROUP_KEY_BYTES];
    uint8_t secret_key[GROUP_KEY_BYTES];
    uint8_t hash_before[GROUP_KEY_BYTES]; /* H(G of the epoch before); zeros: none */
    struct group_name name;
    size_t count;
    struct group_state_member members[GROUP_MEMBERS_MAX]; /* sorted by key, each once */
};

/* The text of a state.
 * Returns: its length; 0 if the state is not one that group_state_read takes. */
size_t group_state_write(uint8_t text[static GROUP_STATE_BYTES_MAX],
                         const struct group_state *state);

/* Read a state, in one form only: what stands in it is as it should be, and (G, Gs) fit.
 * Returns: 0, -EBADMSG, -ENOTSUP (another version); `state` is untouched then. */
MUST_CHECK int group_state_read(struct group_state *state, const uint8_t *text, size_t bytes);

/* Whether a copy that a meeting's or pair's key opened is a part of a state by the other one:
 * under such keys nothing else is taken.
 * Returns: 0, -EACCES (not by `author`, or as group_opened_check), -EBADMSG (of another type, or as
 * group_opened_check). */
MUST_CHECK int group_state_part_check(const struct group_opened *opened,
                                      const uint8_t author[static GROUP_MEMBER_BYTES]);

/* The key of its epoch. */
void group_state_key(struct group_key *key, const struct group_state *state);

/* Whether a state that `author` signed is taken by a member of the epoch `before`. `known` are
 * `known_count` G's of earlier epochs, one behind the other; that of `before` counts as known.
 * Returns: 0; -EACCES (the author is no member of that epoch); -EBADMSG (it does not follow that
 * epoch); -EEXIST (its G is known). */
MUST_CHECK int group_state_follows(const struct group_state *state, const struct group_key *before,
                                   const uint8_t author[static GROUP_MEMBER_BYTES],
                                   const uint8_t *known, size_t known_count);

/* The members of `before` whom a state leaves out, one behind the other in `removed`, which has
 * room for GROUP_MEMBERS_MAX. Returns: how many. */
size_t group_state_removed(uint8_t *removed, const struct group_state *state,
                           const struct group_key *before);

#endif
