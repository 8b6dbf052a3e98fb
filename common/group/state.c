#include "group/state.h"

#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "base/declassify.h"
#include "base/secret.h"
#include "base/writer.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"

static void put_name(struct writer *writer, const struct group_name *name)
{
    writer_u8(writer, name->bytes);
    writer_put(writer, name->text, name->bytes);
}

static void take_name(struct cursor *cursor, struct group_name *name)
{
    name->bytes = cursor_u8(cursor);
    if (name->bytes > GROUP_NAME_BYTES_MAX)
        cursor->failed = true;
    else
        cursor_copy(cursor, name->text, name->bytes);
}

static void put_member(struct writer *writer, const struct group_state_member *member)
{
    writer_put(writer, member->member, sizeof member->member);
    writer_put(writer, member->mailbox_id, sizeof member->mailbox_id);
    writer_be64(writer, member->next_number);
    put_name(writer, &member->name);
}

static void take_member(struct cursor *cursor, struct group_state_member *member)
{
    cursor_copy(cursor, member->member, sizeof member->member);
    cursor_copy(cursor, member->mailbox_id, sizeof member->mailbox_id);
    member->next_number = cursor_be64(cursor);
    take_name(cursor, &member->name);
}

/* Whether a state's values are ones that it may have. */
static bool is_sound(const struct group_state *state)
{
    static const uint8_t base_point[X25519_BYTES] = {9};
    uint8_t public_key[X25519_BYTES];
    bool sound = state->epoch > 0 && state->name.bytes <= GROUP_NAME_BYTES_MAX &&
                 state->count >= GROUP_STATE_MEMBERS_MIN && state->count <= GROUP_MEMBERS_MAX;
    for (size_t i = 0; sound && i < state->count; i++) {
        const struct group_state_member *member = &state->members[i];
        bool sorted = i == 0 || memcmp(state->members[i - 1].member, member->member,
                                       sizeof member->member) < 0;
        sound = sorted && member->name.bytes <= GROUP_NAME_BYTES_MAX &&
                !group_member_check(member->member);
    }
    x25519(public_key, state->secret_key, base_point);
    bool fits = secret_equal(public_key, state->public_key, sizeof public_key);
    declassify(&fits, sizeof fits); /* whether the state is taken shows it */
    return sound && fits;
}

size_t group_state_write(uint8_t text[static GROUP_STATE_BYTES_MAX],
                         const struct group_state *state)
{
    struct writer writer = {.at = text};
    if (!is_sound(state))
        return 0;
    writer_u8(&writer, GROUP_STATE_VERSION);
    writer_be32(&writer, state->epoch);
    writer_put(&writer, state->public_key, sizeof state->public_key);
    writer_put(&writer, state->secret_key, sizeof state->secret_key);
    writer_put(&writer, state->hash_before, sizeof state->hash_before);
    put_name(&writer, &state->name);
    writer_u8(&writer, (uint8_t)state->count);
    for (size_t i = 0; i < state->count; i++)
        put_member(&writer, &state->members[i]);
    return writer.bytes;
}

/* The fields behind the version; the cursor fails where there are too few bytes. */
static void take_state(struct cursor *cursor, struct group_state *state)
{
    memset(state, 0, sizeof *state);
    state->epoch = cursor_be32(cursor);
    cursor_copy(cursor, state->public_key, sizeof state->public_key);
    cursor_copy(cursor, state->secret_key, sizeof state->secret_key);
    cursor_copy(cursor, state->hash_before, sizeof state->hash_before);
    take_name(cursor, &state->name);
    state->count = cursor_u8(cursor);
    if (state->count > GROUP_MEMBERS_MAX)
        cursor->failed = true;
    for (size_t i = 0; !cursor->failed && i < state->count; i++)
        take_member(cursor, &state->members[i]);
}

int group_state_read(struct group_state *state, const uint8_t *text, size_t bytes)
{
    struct group_state read;
    struct cursor cursor = cursor_over(text, bytes);
    uint8_t version = cursor_u8(&cursor);
    if (!cursor.failed && version != GROUP_STATE_VERSION)
        return -ENOTSUP;
    take_state(&cursor, &read);
    int err = cursor_finish(&cursor);
    if (!err && !is_sound(&read))
        err = -EBADMSG;
    if (!err)
        *state = read;
    secret_wipe(&read, sizeof read);
    return err;
}

int group_state_part_check(const struct group_opened *opened,
                           const uint8_t author[static GROUP_MEMBER_BYTES])
{
    int err = group_opened_check(opened);
    if (err)
        return err;
    if (memcmp(opened->author, author, GROUP_MEMBER_BYTES) != 0)
        return -EACCES;
    return opened->part.type == GROUP_STATE ? 0 : -EBADMSG;
}

void group_state_key(struct group_key *key, const struct group_state *state)
{
    uint8_t members[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    for (size_t i = 0; i < state->count; i++)
        memcpy(members + i * GROUP_MEMBER_BYTES, state->members[i].member, GROUP_MEMBER_BYTES);
    int err = group_key_make(key, state->secret_key, state->epoch, members, state->count);
    INVARIANT(!err); /* a state's members are counted, and each stands once */
}

static bool is_known(const uint8_t public_key[static GROUP_KEY_BYTES],
                     const struct group_key *before, const uint8_t *known, size_t count)
{
    bool found = memcmp(public_key, before->public_key, GROUP_KEY_BYTES) == 0;
    for (size_t i = 0; i < count; i++)
        found = found || memcmp(public_key, known + i * GROUP_KEY_BYTES, GROUP_KEY_BYTES) == 0;
    return found;
}

int group_state_follows(const struct group_state *state, const struct group_key *before,
                        const uint8_t author[static GROUP_MEMBER_BYTES], const uint8_t *known,
                        size_t known_count)
{
    uint8_t hash[HASH_BYTES];
    if (!group_key_has(before, author))
        return -EACCES;
    hash_bytes(hash, before->public_key, sizeof before->public_key);
    if ((uint64_t)state->epoch != (uint64_t)before->epoch + 1 ||
        memcmp(state->hash_before, hash, sizeof hash) != 0)
        return -EBADMSG;
    return is_known(state->public_key, before, known, known_count) ? -EEXIST : 0;
}

size_t group_state_removed(uint8_t *removed, const struct group_state *state,
                           const struct group_key *before)
{
    size_t count = 0;
    for (size_t i = 0; i < before->count; i++) {
        bool stays = false;
        for (size_t k = 0; !stays && k < state->count; k++)
            stays = memcmp(state->members[k].member, before->members[i], GROUP_MEMBER_BYTES) == 0;
        if (!stays)
            memcpy(removed + count++ * GROUP_MEMBER_BYTES, before->members[i], GROUP_MEMBER_BYTES);
    }
    return count;
}
