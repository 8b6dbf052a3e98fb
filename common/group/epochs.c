#include "group/epochs.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"
#include "group/epochs_inside.h"

/* The changes that follow one epoch, and what they remove. */
struct changes {
    size_t count;
    size_t index[GROUP_CHANGES_MAX]; /* in `epochs` */
    struct group_change changes[GROUP_CHANGES_MAX];
    uint8_t removed[GROUP_CHANGES_MAX][GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
};

static const struct group_state_member *member_of(const struct group_state *state,
                                                  const uint8_t member[static GROUP_MEMBER_BYTES])
{
    for (size_t i = 0; i < state->count; i++)
        if (memcmp(state->members[i].member, member, GROUP_MEMBER_BYTES) == 0)
            return &state->members[i];
    return NULL;
}

static bool stands_in(const uint8_t *list, size_t count,
                      const uint8_t member[static GROUP_MEMBER_BYTES])
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(list + i * GROUP_MEMBER_BYTES, member, GROUP_MEMBER_BYTES) == 0)
            return true;
    return false;
}

static bool follows(const struct epoch *epoch, const struct epoch *before)
{
    return memcmp(epoch->state.hash_before, before->hash, sizeof before->hash) == 0;
}

static void collect(struct changes *changes, const struct group_epochs *epochs, size_t at)
{
    changes->count = 0;
    for (size_t i = 1; i < epochs->count; i++) {
        const struct epoch *epoch = epochs->epochs[i];
        size_t k = changes->count;
        if (!follows(epoch, epochs->epochs[at]))
            continue;
        changes->index[k] = i;
        changes->changes[k] = (struct group_change){
            .author = epoch->author,
            .new_public = epoch->state.public_key,
            .removes = changes->removed[k],
            .removes_count =
                group_state_removed(changes->removed[k], &epoch->state, &epochs->epochs[at]->key),
        };
        changes->count++;
    }
}

int group_epochs_find_current(struct group_epochs *epochs)
{
    struct changes *changes = calloc(1, sizeof *changes);
    size_t at = 0, standing;
    if (!changes)
        return -ENOMEM;
    for (;;) {
        collect(changes, epochs, at);
        if (group_change_standing(&standing, epochs->epochs[at]->state.public_key, changes->changes,
                                  changes->count))
            break;
        at = changes->index[standing];
    }
    epochs->current = at;
    free(changes);
    return 0;
}

int group_epochs_append(struct group_epochs *epochs, const struct group_state *state,
                        const uint8_t author[static GROUP_MEMBER_BYTES])
{
    struct epoch *epoch = secret_alloc(sizeof *epoch);
    if (!epoch)
        return -ENOMEM;
    epoch->state = *state;
    group_state_key(&epoch->key, state);
    memcpy(epoch->author, author, sizeof epoch->author);
    hash_bytes(epoch->hash, state->public_key, sizeof state->public_key);
    epochs->epochs[epochs->count++] = epoch;
    return 0;
}

static int begin(struct group_epochs **out, const struct group_state *state,
                 const uint8_t own[static GROUP_MEMBER_BYTES],
                 const uint8_t author[static GROUP_MEMBER_BYTES])
{
    struct group_epochs *epochs = calloc(1, sizeof *epochs);
    int err = epochs ? group_epochs_append(epochs, state, author) : -ENOMEM;
    if (err) {
        free(epochs);
        return err;
    }
    epochs->epochs[0]->settled = true;
    memcpy(epochs->own, own, sizeof epochs->own);
    *out = epochs;
    return 0;
}

static void draw_key(struct group_state *state, const struct random_source *random)
{
    static const uint8_t base_point[X25519_BYTES] = {9};
    random_fill(random, state->secret_key, sizeof state->secret_key);
    x25519(state->public_key, state->secret_key, base_point);
}

int group_epochs_found(struct group_epochs **out, const struct group_name *name,
                       const struct group_state_member *own, const struct random_source *random)
{
    struct group_state state = {.name = *name, .count = 1, .members = {*own}};
    if (group_member_check(own->member) || own->name.bytes > GROUP_NAME_BYTES_MAX ||
        name->bytes > GROUP_NAME_BYTES_MAX)
        return -EINVAL;
    draw_key(&state, random);
    int err = begin(out, &state, own->member, own->member);
    secret_wipe(&state, sizeof state);
    return err;
}

int group_epochs_join(struct group_epochs **out, const struct group_state *state,
                      const uint8_t own[static GROUP_MEMBER_BYTES],
                      const uint8_t inviter[static GROUP_MEMBER_BYTES])
{
    if (!member_of(state, own) || !member_of(state, inviter))
        return -EACCES;
    return begin(out, state, own, inviter);
}

void group_epochs_close(struct group_epochs *epochs)
{
    if (!epochs)
        return;
    for (size_t i = 0; i < epochs->count; i++)
        secret_free(epochs->epochs[i]);
    free(epochs);
}

/* Whether an epoch can still change which one is current: it is not too far below, or has one below
 * it that is not. */
static bool is_needed(const struct group_epochs *epochs, size_t at)
{
    uint32_t current = epochs->epochs[epochs->current]->state.epoch;
    return (uint64_t)epochs->epochs[at]->state.epoch + GROUP_EPOCHS_LATE_MAX >= current;
}

/* Forget what is too old: the oldest epoch on the way to the current one that is needed becomes the
 * root. */
static void forget_old(struct group_epochs *epochs)
{
    size_t root = epochs->current, kept = 0;
    for (;;) {
        size_t before = 0;
        while (before < epochs->count && !follows(epochs->epochs[root], epochs->epochs[before]))
            before++;
        if (before == epochs->count || !is_needed(epochs, before))
            break;
        root = before;
    }
    struct epoch *first = epochs->epochs[root], *current = epochs->epochs[epochs->current];
    for (size_t i = 0; i < epochs->count; i++) {
        struct epoch *epoch = epochs->epochs[i];
        if (epoch != first && !is_needed(epochs, i))
            secret_free(epoch);
        else
            epochs->epochs[kept++] = epoch;
    }
    epochs->count = kept;
    for (size_t i = 0; i < kept; i++) {
        if (epochs->epochs[i] == first) {
            epochs->epochs[i] = epochs->epochs[0];
            epochs->epochs[0] = first;
        }
    }
    for (size_t i = 0; i < kept; i++)
        if (epochs->epochs[i] == current)
            epochs->current = i;
}

int group_epochs_take(struct group_epochs *epochs, const struct group_state *state,
                      const uint8_t author[static GROUP_MEMBER_BYTES])
{
    int err = -ENOENT;
    for (size_t i = 0; i < epochs->count; i++) {
        const struct epoch *epoch = epochs->epochs[i];
        if (memcmp(epoch->state.public_key, state->public_key, GROUP_KEY_BYTES) == 0)
            return -EEXIST;
        if (memcmp(epoch->hash, state->hash_before, sizeof epoch->hash) == 0)
            err = group_state_follows(state, &epoch->key, author, NULL, 0);
    }
    if (err)
        return err;
    if (epochs->count == GROUP_EPOCHS_MAX)
        return -ENOSPC;
    err = group_epochs_append(epochs, state, author);
    if (err)
        return err;
    err = group_epochs_find_current(epochs);
    if (err) {
        secret_free(epochs->epochs[--epochs->count]);
        return err;
    }
    forget_old(epochs);
    return 0;
}

const struct group_state *group_epochs_current(const struct group_epochs *epochs)
{
    return &epochs->epochs[epochs->current]->state;
}

static const struct epoch *epoch_before(const struct group_epochs *epochs,
                                        const struct epoch *epoch)
{
    for (size_t i = 0; i < epochs->count; i++)
        if (follows(epoch, epochs->epochs[i]))
            return epochs->epochs[i];
    return NULL;
}

const struct group_state *group_epochs_before(const struct group_epochs *epochs)
{
    const struct epoch *before = epoch_before(epochs, epochs->epochs[epochs->current]);
    return before ? &before->state : NULL;
}

const struct group_state *group_epochs_each(const struct group_epochs *epochs, size_t at,
                                            const uint8_t **author)
{
    if (at >= epochs->count)
        return NULL;
    *author = epochs->epochs[at]->author;
    return &epochs->epochs[at]->state;
}

int group_epochs_leave(struct group_epochs *epochs, const uint8_t member[static GROUP_MEMBER_BYTES])
{
    const struct group_state *current = group_epochs_current(epochs);
    size_t kept = 0;
    if (stands_in(epochs->leaving, epochs->leaving_count, member))
        return 0;
    for (size_t i = 0; i < epochs->leaving_count; i++) {
        uint8_t *each = epochs->leaving + i * GROUP_MEMBER_BYTES;
        if (member_of(current, each))
            memmove(epochs->leaving + kept++ * GROUP_MEMBER_BYTES, each, GROUP_MEMBER_BYTES);
    }
    epochs->leaving_count = kept;
    if (kept == GROUP_MEMBERS_MAX)
        return -ENOSPC;
    memcpy(epochs->leaving + epochs->leaving_count++ * GROUP_MEMBER_BYTES, member,
           GROUP_MEMBER_BYTES);
    return 0;
}

size_t group_epochs_gone(const struct group_epochs *epochs, uint8_t *gone, bool *own_turn)
{
    const struct group_state *current = group_epochs_current(epochs);
    struct changes *changes = calloc(1, sizeof *changes);
    size_t count = 0;
    if (changes) {
        collect(changes, epochs, epochs->current);
        count = group_change_gone(gone, changes->changes, changes->count);
    }
    free(changes);
    for (size_t i = 0; i < epochs->leaving_count; i++) {
        const uint8_t *member = epochs->leaving + i * GROUP_MEMBER_BYTES;
        if (member_of(current, member) && !stands_in(gone, count, member))
            memcpy(gone + count++ * GROUP_MEMBER_BYTES, member, GROUP_MEMBER_BYTES);
    }
    const uint8_t *first = group_key_first(&epochs->epochs[epochs->current]->key, gone, count);
    *own_turn = count > 0 && first && memcmp(first, epochs->own, sizeof epochs->own) == 0;
    return count;
}

/* Put a member where it belongs. Returns: 0, -EINVAL (there are too many). */
static int insert(struct group_state *state, const struct group_state_member *member)
{
    size_t at = 0;
    if (member_of(state, member->member))
        return 0;
    if (state->count == GROUP_MEMBERS_MAX)
        return -EINVAL;
    while (at < state->count &&
           memcmp(state->members[at].member, member->member, GROUP_MEMBER_BYTES) < 0)
        at++;
    memmove(state->members + at + 1, state->members + at,
            (state->count - at) * sizeof state->members[0]);
    state->members[at] = *member;
    state->count++;
    return 0;
}

int group_epochs_make(const struct group_epochs *epochs, struct group_state *state,
                      const struct group_intent *intent, const struct random_source *random)
{
    const struct epoch *before = epochs->epochs[epochs->current];
    struct group_state made = {.epoch = before->state.epoch + 1, .name = before->state.name};
    uint8_t gone[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    bool own_turn;
    size_t gone_count = group_epochs_gone(epochs, gone, &own_turn);
    bool last = before->state.epoch == UINT32_MAX;
    int err = last || stands_in(gone, gone_count, epochs->own) ? -EINVAL : 0;
    memcpy(made.hash_before, before->hash, sizeof made.hash_before);
    for (size_t i = 0; !err && i < before->state.count; i++)
        if (!stands_in(intent->removed, intent->removed_count, before->state.members[i].member) &&
            !stands_in(gone, gone_count, before->state.members[i].member))
            err = insert(&made, &before->state.members[i]);
    for (size_t i = 0; !err && i < intent->added_count; i++)
        if (!stands_in(intent->removed, intent->removed_count, intent->added[i].member))
            err = insert(&made, &intent->added[i]);
    if (!err && made.count < GROUP_STATE_MEMBERS_MIN)
        err = -EINVAL;
    if (err)
        return err;
    draw_key(&made, random);
    *state = made;
    secret_wipe(&made, sizeof made);
    return 0;
}

/* Whether an epoch is the current one or one that it came from. */
static bool is_on_the_way(const struct group_epochs *epochs, const struct epoch *wanted)
{
    const struct epoch *epoch = epochs->epochs[epochs->current];
    while (epoch && epoch != wanted)
        epoch = epoch_before(epochs, epoch);
    return epoch == wanted;
}

/* What of a change is not so in the current epoch. */
static void find_intent(const struct group_epochs *epochs, const struct epoch *lost,
                        uint8_t *removed, size_t *removed_count, struct group_state_member *added,
                        size_t *added_count)
{
    const struct group_state *current = group_epochs_current(epochs);
    const struct group_state *before = &epoch_before(epochs, lost)->state;
    *removed_count = *added_count = 0;
    for (size_t i = 0; i < before->count; i++) {
        const uint8_t *member = before->members[i].member;
        if (!member_of(&lost->state, member) && member_of(current, member))
            memcpy(removed + (*removed_count)++ * GROUP_MEMBER_BYTES, member, GROUP_MEMBER_BYTES);
    }
    for (size_t i = 0; i < lost->state.count; i++) {
        const struct group_state_member *member = &lost->state.members[i];
        if (!member_of(before, member->member) && !member_of(current, member->member))
            added[(*added_count)++] = *member;
    }
}

int group_epochs_redo(struct group_epochs *epochs, uint8_t *removed, size_t *removed_count,
                      struct group_state_member *added, size_t *added_count)
{
    if (!member_of(group_epochs_current(epochs), epochs->own))
        return -ENOENT;
    for (size_t i = 1; i < epochs->count; i++) {
        struct epoch *epoch = epochs->epochs[i];
        const struct epoch *before = epoch_before(epochs, epoch);
        if (epoch->settled || !before || memcmp(epoch->author, epochs->own, 32) != 0 ||
            is_on_the_way(epochs, epoch) || before == epochs->epochs[epochs->current])
            continue;
        epoch->settled = true;
        find_intent(epochs, epoch, removed, removed_count, added, added_count);
        if (*removed_count + *added_count > 0)
            return 0;
    }
    return -ENOENT;
}
