/* What the epochs of a group are made of: for epochs.c and epochs_saved.c alone. */
#ifndef REUNION_GROUP_EPOCHS_INSIDE_H
#define REUNION_GROUP_EPOCHS_INSIDE_H

#include "group/epochs.h"

struct epoch {
    struct group_state state;
    struct group_key key; /* the state's */
    uint8_t author[GROUP_MEMBER_BYTES];
    uint8_t hash[GROUP_KEY_BYTES]; /* H(G): what the next epochs name */
    bool settled;                  /* the root, or an own change that was told to be made again */
};

struct group_epochs {
    uint8_t own[GROUP_MEMBER_BYTES];
    struct epoch *epochs[GROUP_EPOCHS_MAX]; /* the first is the root */
    size_t count;
    size_t current; /* index */
    uint8_t leaving[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    size_t leaving_count;
};

/* Add a state to those that are known. Returns: 0, -ENOMEM. */
MUST_CHECK int group_epochs_append(struct group_epochs *epochs, const struct group_state *state,
                                   const uint8_t author[static GROUP_MEMBER_BYTES]);

/* Walk from the root to where no change stands any more. Returns: 0, -ENOMEM (as before). */
MUST_CHECK int group_epochs_find_current(struct group_epochs *epochs);

#endif
