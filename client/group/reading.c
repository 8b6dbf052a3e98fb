#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "group/inside.h"

/* What copies say, and what follows from it. A copy that opens with a key and may not be taken is
 * counted; it is not kept. */

static bool same_member(const uint8_t *one, const uint8_t *other)
{
    return memcmp(one, other, GROUP_MEMBER_BYTES) == 0;
}

static struct partial *find_partial(struct device *device,
                                    const uint8_t key_public[static GROUP_KEY_BYTES],
                                    const uint8_t author[static GROUP_MEMBER_BYTES],
                                    uint64_t number)
{
    for (size_t i = 0; i < device->partials.count; i++) {
        struct partial *partial = &device->partials.all[i];
        if (partial->number == number && same_member(partial->author, author) &&
            memcmp(partial->key_public, key_public, GROUP_KEY_BYTES) == 0)
            return partial;
    }
    return NULL;
}

static void drop_partial(struct device *device, const struct partial *partial)
{
    secret_wipe(partial->text, (size_t)partial->parts * GROUP_TEXT_BYTES_MAX);
    free(partial->text);
    LIST_DROP(&device->partials, (size_t)(partial - device->partials.all));
}

/* The message that a part belongs to, begun if it is not there. NULL: no memory. */
static struct partial *open_partial(struct device *device,
                                    const uint8_t key_public[static GROUP_KEY_BYTES],
                                    const struct group_opened *opened, int64_t now_s)
{
    const struct group_part *part = &opened->part;
    struct partial *partial = find_partial(device, key_public, opened->author, part->number);
    if (partial)
        return partial;
    if (device->partials.count == PARTIALS_MAX)
        drop_partial(device, &device->partials.all[0]);
    uint8_t *text = calloc(part->parts, GROUP_TEXT_BYTES_MAX);
    if (!text || LIST_ADD(&device->partials)) {
        free(text);
        return NULL;
    }
    partial = &device->partials.all[device->partials.count++];
    *partial = (struct partial){.number = part->number, .time_s = part->time_s, .text = text};
    memcpy(partial->key_public, key_public, sizeof partial->key_public);
    memcpy(partial->author, opened->author, sizeof partial->author);
    partial->type = part->type;
    partial->parts = part->parts;
    partial->came_s = now_s;
    return partial;
}

/* Put a part where it belongs. Returns: whether the message is whole now. */
static bool put_part(struct device *device, struct partial *partial, const struct group_part *part)
{
    bool last = part->part + 1 == part->parts;
    if (part->parts != partial->parts || part->type != partial->type ||
        (!last && part->bytes != GROUP_TEXT_BYTES_MAX)) {
        device->refused++;
        return false;
    }
    memcpy(partial->text + (size_t)part->part * GROUP_TEXT_BYTES_MAX, part->text, part->bytes);
    partial->mask |= UINT64_C(1) << part->part;
    if (last)
        partial->bytes = (size_t)part->part * GROUP_TEXT_BYTES_MAX + part->bytes;
    return partial->mask == UINT64_MAX >> (GROUP_PARTS_MAX - partial->parts);
}

/* Something of a member came to this mailbox: it needs to be told of it no more. */
static void know_mailbox(struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES],
                         const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES])
{
    for (size_t i = device->outbox.count; i-- > 0;) {
        struct outgoing *message = &device->outbox.all[i];
        if (message->type != GROUP_MOVED ||
            memcmp(message->text, mailbox_id, GROUP_MAILBOX_ID_BYTES) != 0)
            continue;
        for (size_t k = message->count; k-- > 0;)
            if (same_member(message->recipients[k].member, member) &&
                message->recipients[k].rounds > 0 && outgoing_drop_recipient(&device->outbox, i, k))
                break;
    }
}

/* --- messages under the key of an epoch --- */

static int take_text(struct device *device, const struct epoch_keys *keys, struct partial *partial)
{
    struct group_event event = {.kind = GROUP_EVENT_TEXT,
                                .number = partial->number,
                                .time_s = partial->time_s,
                                .is_late = keys->over_s != 0};
    memcpy(event.author, partial->author, sizeof event.author);
    device_name_of(device, partial->author, &event.author_name);
    event.text = malloc(partial->bytes + 1);
    if (!event.text)
        return -ENOMEM;
    memcpy(event.text, partial->text, partial->bytes);
    event.bytes = partial->bytes;
    return group_events_add(&device->events, &event);
}

/* Keep what a member told, unless it told something newer. Returns: 0, -EEXIST, -ENOMEM. */
static int keep_declared(struct device *device, const struct partial *partial)
{
    struct declared *declared = NULL;
    for (size_t i = 0; i < device->declared.count; i++) {
        struct declared *each = &device->declared.all[i];
        if (each->type == partial->type && same_member(each->member, partial->author) &&
            memcmp(each->group_public, partial->key_public, GROUP_KEY_BYTES) == 0)
            declared = each;
    }
    if (declared && declared->number >= partial->number)
        return -EEXIST;
    if (!declared) {
        int err = LIST_ADD(&device->declared);
        if (err)
            return err;
        declared = &device->declared.all[device->declared.count++];
        memcpy(declared->group_public, partial->key_public, sizeof declared->group_public);
        memcpy(declared->member, partial->author, sizeof declared->member);
        declared->type = partial->type;
    }
    declared->number = partial->number;
    declared->value = (struct group_name){.bytes = (uint8_t)partial->bytes};
    memcpy(declared->value.text, partial->text, partial->bytes);
    return 0;
}

static int take_renamed(struct device *device, const struct partial *partial)
{
    struct group_name before, after;
    device_name_of(device, partial->author, &before);
    int err = keep_declared(device, partial);
    device_name_of(device, partial->author, &after);
    if (err || (before.bytes == after.bytes && memcmp(before.text, after.text, after.bytes) == 0))
        return err == -EEXIST ? 0 : err;
    struct group_event event = {
        .kind = GROUP_EVENT_RENAMED, .author_name = before, .subject_name = after};
    memcpy(event.author, partial->author, sizeof event.author);
    memcpy(event.subject, partial->author, sizeof event.subject);
    return group_events_add(&device->events, &event);
}

static int take_leave(struct device *device, const struct partial *partial)
{
    int err = group_epochs_leave(device->epochs, partial->author);
    if (err == -ENOSPC)
        return 0;
    return err ? err : device_report(device, GROUP_EVENT_LEAVING, partial->author, NULL);
}

static int take_message(struct device *device, const struct epoch_keys *keys,
                        struct partial *partial)
{
    int err = 0;
    if (partial->type == GROUP_TEXT) {
        err = take_text(device, keys, partial);
    } else if (partial->type == GROUP_LEAVE && partial->bytes == 0) {
        err = take_leave(device, partial);
    } else if (partial->type == GROUP_RENAMED && partial->bytes <= GROUP_NAME_BYTES_MAX) {
        err = take_renamed(device, partial);
    } else if (partial->type == GROUP_MOVED && partial->bytes == GROUP_MAILBOX_ID_BYTES) {
        err = keep_declared(device, partial);
        err = err == -EEXIST ? 0 : err;
    } else {
        device->refused++;
    }
    drop_partial(device, partial);
    return err;
}

/* Whether a message of a member is shown: of the current epoch, and for a day of those before, if
 * the author is a member still. */
static bool is_taken(const struct device *device, const struct epoch_keys *keys,
                     const struct group_opened *opened, int64_t now_s)
{
    const struct group_state *state = device_state(device);
    return !group_opened_check(opened) && opened->part.type != GROUP_STATE &&
           state_has(state, opened->author) && (keys->over_s == 0 || now_s < keys->over_s + DAY_S);
}

static int take_group_part(struct device *device, struct epoch_keys *keys,
                           const struct group_opened *opened,
                           const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES], int64_t now_s)
{
    const struct group_part *part = &opened->part;
    if (!is_taken(device, keys, opened, now_s)) {
        device->refused++;
        return 0;
    }
    keys->heard |= UINT64_C(1) << key_place(&keys->key, opened->author);
    know_mailbox(device, opened->author, mailbox_id);
    struct partial *partial = open_partial(device, keys->key.public_key, opened, now_s);
    if (!partial)
        return -ENOMEM;
    int err = group_seen_take(device->seen, keys->key.public_key, opened->author, part->number,
                              part->part, part->parts);
    if (!err && put_part(device, partial, part))
        return take_message(device, keys, partial);
    if (partial->mask == 0)
        drop_partial(device, partial);
    device->refused += err == -EBADMSG || err == -ENOSPC;
    return err == -ENOMEM ? err : 0;
}

/* --- states --- */

/* Put a part of a state where it belongs. Returns: 0 and the state if it is whole; -EAGAIN (it is
 * not), -EBADMSG (it is none), -ENOMEM. */
static int collect_state(struct device *device, const uint8_t key_public[static GROUP_KEY_BYTES],
                         const struct group_opened *opened, struct group_state *state,
                         int64_t now_s)
{
    struct partial *partial = open_partial(device, key_public, opened, now_s);
    if (!partial)
        return -ENOMEM;
    if (!put_part(device, partial, &opened->part))
        return -EAGAIN;
    int err = group_state_read(state, partial->text, partial->bytes);
    drop_partial(device, partial);
    return err ? -EBADMSG : 0;
}

static int take_pair_part(struct device *device, struct epoch_keys *keys, size_t author,
                          const struct group_opened *opened,
                          const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES], int64_t now_s)
{
    const struct group_key *pair = &keys->pairs[author];
    uint8_t member[GROUP_MEMBER_BYTES];
    struct group_state state;
    memcpy(member, keys->key.members[author], sizeof member);
    if (group_state_part_check(opened, member)) {
        device->refused++;
        return 0;
    }
    keys->heard |= UINT64_C(1) << author;
    know_mailbox(device, member, mailbox_id);
    int err = collect_state(device, pair->public_key, opened, &state, now_s);
    if (!err && memcmp(state.hash_before, keys->hash, sizeof keys->hash) != 0)
        err = -EBADMSG;
    if (!err)
        err = group_epochs_take(device->epochs, &state, member);
    secret_wipe(&state, sizeof state);
    if (!err)
        err = keys_follow(device, now_s); /* for the copies behind this one */
    if (err == -EEXIST)
        err = announce_again(device, member, now_s);
    /* One for which there is no room will be sent again. */
    device->refused += err == -EBADMSG || err == -EACCES || err == -ENOENT;
    return err == -ENOMEM ? err : 0;
}

/* Begin, or begin anew, with the state that the inviter sent. */
static int join(struct device *device, struct meeting *meeting, const struct group_state *state,
                uint64_t number, int64_t now_s)
{
    struct group_epochs *epochs;
    int err = group_epochs_join(&epochs, state, device->own, meeting->other);
    if (err) {
        device->refused += err == -EACCES;
        return err == -ENOMEM ? err : 0;
    }
    bool is_first = !device->epochs;
    group_epochs_close(device->epochs);
    device->epochs = epochs;
    meeting->next = number + 1;
    err = keys_follow(device, now_s);
    if (!err && is_first)
        err = device_report(device, GROUP_EVENT_JOINED, meeting->other, NULL);
    return err;
}

static int try_meeting(struct device *device, struct meeting *meeting,
                       const uint8_t copy[static GROUP_COPY_BYTES],
                       const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES], bool *opened,
                       int64_t now_s)
{
    uint8_t members[2][GROUP_MEMBER_BYTES];
    struct group_key key;
    struct group_opened inside;
    struct group_state state;
    memcpy(members[0], device->own, sizeof members[0]);
    memcpy(members[1], meeting->other, sizeof members[1]);
    int err = group_key_make(&key, meeting->secret, 0, members[0], 2);
    INVARIANT(!err); /* two who met */
    if (!group_copy_open(&inside, &key, copy)) {
        *opened = true;
        if (meeting->next == UINT64_MAX || group_state_part_check(&inside, meeting->other)) {
            device->refused++;
        } else if (inside.part.number >= meeting->next) {
            know_mailbox(device, meeting->other, mailbox_id);
            err = collect_state(device, key.public_key, &inside, &state, now_s);
            if (!err)
                err = join(device, meeting, &state, inside.part.number, now_s);
            device->refused += err == -EBADMSG;
            secret_wipe(&state, sizeof state);
        } else if (device->epochs) {
            err = announce_again(device, meeting->other, now_s);
        }
    }
    secret_wipe(&key, sizeof key);
    secret_wipe(&inside, sizeof inside);
    return err == -ENOMEM ? err : 0;
}

/* --- all keys --- */

static int try_pair(struct device *device, struct epoch_keys *keys, size_t place,
                    const uint8_t copy[static GROUP_COPY_BYTES],
                    const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES], bool *opened,
                    int64_t now_s)
{
    struct group_opened inside;
    const struct group_key *pair = keys_pair(device, keys, place);
    if (!pair)
        return -ENOMEM;
    if (pair->count == 0 || group_copy_open(&inside, pair, copy))
        return 0;
    *opened = true;
    memcpy(device->last_state_public, keys->key.public_key, sizeof device->last_state_public);
    memcpy(device->last_state_author, keys->key.members[place], sizeof device->last_state_author);
    int err = take_pair_part(device, keys, place, &inside, mailbox_id, now_s);
    secret_wipe(&inside, sizeof inside);
    return err;
}

/* The author of the last part: more of that state, or the next one. */
static int try_last_author(struct device *device, const uint8_t copy[static GROUP_COPY_BYTES],
                           const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES], bool *opened,
                           int64_t now_s)
{
    struct epoch_keys *const tried[] = {keys_find(device, device->last_state_public),
                                        keys_current(device)};
    int err = 0;
    for (size_t i = 0; !err && !*opened && i < 2; i++) {
        size_t place = tried[i] ? key_place(&tried[i]->key, device->last_state_author) : 0;
        if (tried[i] && place < tried[i]->key.count)
            err = try_pair(device, tried[i], place, copy, mailbox_id, opened, now_s);
    }
    return err;
}

static int try_pairs(struct device *device, struct epoch_keys *keys,
                     const uint8_t copy[static GROUP_COPY_BYTES],
                     const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES], bool *opened,
                     int64_t now_s)
{
    size_t count = keys->key.count; /* what opens may be the last thing that needs these keys */
    int err = 0;
    for (size_t i = 0; !err && !*opened && i < count; i++)
        err = try_pair(device, keys, i, copy, mailbox_id, opened, now_s);
    return err;
}

static bool takes_group_key(const struct epoch_keys *keys, enum reading reading)
{
    return reading == READING_USUAL || (reading == READING_FRESH && keys->is_fresh);
}

static bool takes_pairs(const struct device *device, const struct epoch_keys *keys,
                        enum reading reading)
{
    const struct epoch_keys *current = keys_current(device);
    bool is_new = current && (keys == current || keys == keys_before(device, current));
    if (reading == READING_FRESH)
        return keys->is_fresh;
    return is_new == (reading == READING_USUAL);
}

int reading_try(struct device *device, const uint8_t copy[static GROUP_COPY_BYTES],
                const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES], enum reading reading,
                bool *opened, int64_t now_s)
{
    struct group_opened inside;
    int err = 0;
    *opened = false;
    if (reading == READING_USUAL)
        err = try_last_author(device, copy, mailbox_id, opened, now_s);
    /* The newest first: most copies are of it. */
    for (size_t i = device->keys_count; !err && !*opened && i-- > 0;) {
        struct epoch_keys *keys = device->keys[i];
        if (takes_group_key(keys, reading) && !group_copy_open(&inside, &keys->key, copy)) {
            *opened = true;
            err = take_group_part(device, keys, &inside, mailbox_id, now_s);
        }
    }
    secret_wipe(&inside, sizeof inside);
    for (size_t i = device->keys_count; !err && !*opened && i-- > 0;)
        if (takes_pairs(device, device->keys[i], reading))
            err = try_pairs(device, device->keys[i], copy, mailbox_id, opened, now_s);
    for (size_t i = device->meetings.count;
         reading == READING_USUAL && !err && !*opened && i-- > 0;)
        err = try_meeting(device, &device->meetings.all[i], copy, mailbox_id, opened, now_s);
    return err;
}
