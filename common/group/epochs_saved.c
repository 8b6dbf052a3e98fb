#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/x25519.h"
#include "group/epochs_inside.h"

/* DESIGN: format 1, integers big-endian:
 *
 *     own key (32)
 *     members who said that they go: count (1)  key (32) each
 *     states: count (1), the root first: settled (1)  author (32)  epoch (4)  Gs (32)
 *       hash before (32)  name  count (1)  members
 *     a member: key (32)  mailbox id (16)  next number (8)  name; a name: length (1)  text
 *
 * A root may have one member and epoch 0, which no state that is sent has. */

static void put_name(struct writer *writer, const struct group_name *name)
{
    writer_u8(writer, name->bytes);
    writer_put(writer, name->text, name->bytes);
}

static void put_epoch(struct writer *writer, const struct epoch *epoch)
{
    const struct group_state *state = &epoch->state;
    writer_u8(writer, epoch->settled);
    writer_put(writer, epoch->author, sizeof epoch->author);
    writer_be32(writer, state->epoch);
    writer_put(writer, state->secret_key, sizeof state->secret_key);
    writer_put(writer, state->hash_before, sizeof state->hash_before);
    put_name(writer, &state->name);
    writer_u8(writer, (uint8_t)state->count);
    for (size_t i = 0; i < state->count; i++) {
        const struct group_state_member *member = &state->members[i];
        writer_put(writer, member->member, sizeof member->member);
        writer_put(writer, member->mailbox_id, sizeof member->mailbox_id);
        writer_be64(writer, member->next_number);
        put_name(writer, &member->name);
    }
}

void group_epochs_save(const struct group_epochs *epochs, struct writer *writer)
{
    writer_put(writer, epochs->own, sizeof epochs->own);
    writer_u8(writer, (uint8_t)epochs->leaving_count);
    writer_put(writer, epochs->leaving, epochs->leaving_count * GROUP_MEMBER_BYTES);
    writer_u8(writer, (uint8_t)epochs->count);
    for (size_t i = 0; i < epochs->count; i++)
        put_epoch(writer, epochs->epochs[i]);
}

static void take_name(struct cursor *cursor, struct group_name *name)
{
    name->bytes = cursor_u8(cursor);
    if (name->bytes > GROUP_NAME_BYTES_MAX)
        cursor->failed = true;
    else
        cursor_copy(cursor, name->text, name->bytes);
}

/* The fields of a state, and its members; the cursor fails where they cannot be. */
static void take_state(struct cursor *cursor, struct group_state *state)
{
    static const uint8_t base_point[X25519_BYTES] = {9};
    state->epoch = cursor_be32(cursor);
    cursor_copy(cursor, state->secret_key, sizeof state->secret_key);
    x25519(state->public_key, state->secret_key, base_point);
    cursor_copy(cursor, state->hash_before, sizeof state->hash_before);
    take_name(cursor, &state->name);
    state->count = cursor_u8(cursor);
    if (state->count == 0 || state->count > GROUP_MEMBERS_MAX)
        cursor->failed = true;
    for (size_t i = 0; !cursor->failed && i < state->count; i++) {
        struct group_state_member *member = &state->members[i];
        cursor_copy(cursor, member->member, sizeof member->member);
        cursor_copy(cursor, member->mailbox_id, sizeof member->mailbox_id);
        member->next_number = cursor_be64(cursor);
        take_name(cursor, &member->name);
        if (i > 0 && memcmp(state->members[i - 1].member, member->member, GROUP_MEMBER_BYTES) >= 0)
            cursor->failed = true;
    }
}

static int load_epoch(struct group_epochs *epochs, struct cursor *cursor)
{
    uint8_t author[GROUP_MEMBER_BYTES];
    struct group_state state = {.epoch = 0};
    uint8_t settled = cursor_u8(cursor);
    cursor_copy(cursor, author, sizeof author);
    take_state(cursor, &state);
    int err = cursor->failed || settled > 1 ? -EBADMSG : 0;
    if (!err)
        err = group_epochs_append(epochs, &state, author);
    if (!err)
        epochs->epochs[epochs->count - 1]->settled = settled;
    secret_wipe(&state, sizeof state);
    return err;
}

int group_epochs_load(struct group_epochs **out, struct cursor *cursor)
{
    struct group_epochs *epochs = calloc(1, sizeof *epochs);
    if (!epochs)
        return -ENOMEM;
    cursor_copy(cursor, epochs->own, sizeof epochs->own);
    epochs->leaving_count = cursor_u8(cursor);
    int err = epochs->leaving_count <= GROUP_MEMBERS_MAX ? 0 : -EBADMSG;
    if (!err)
        cursor_copy(cursor, epochs->leaving, epochs->leaving_count * GROUP_MEMBER_BYTES);
    size_t count = cursor_u8(cursor);
    if (count == 0 || count > GROUP_EPOCHS_MAX)
        err = -EBADMSG;
    for (size_t i = 0; !err && i < count; i++)
        err = load_epoch(epochs, cursor);
    if (!err)
        err = group_epochs_find_current(epochs);
    if (err)
        group_epochs_close(epochs);
    else
        *out = epochs;
    return err;
}
