#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "group/inside.h"

/* Changes of members: one's own, and what follows from those of others. */

static struct meeting *find_meeting(struct device *device,
                                    const uint8_t other[static GROUP_MEMBER_BYTES])
{
    for (size_t i = 0; i < device->meetings.count; i++)
        if (memcmp(device->meetings.all[i].other, other, GROUP_MEMBER_BYTES) == 0)
            return &device->meetings.all[i];
    return NULL;
}

/* --- one's own --- */

/* What the others are to know of the epoch before: numbers, and names and mailboxes by now. */
static void complete(struct device *device, struct group_state *state)
{
    const struct epoch_keys *before = keys_current(device);
    for (size_t i = 0; i < state->count; i++) {
        struct group_state_member *member = &state->members[i];
        bool is_own = memcmp(member->member, device->own, sizeof device->own) == 0;
        bool was_there = !device_address_of(device, member->member, member->mailbox_id);
        member->next_number = 0;
        device_name_of(device, member->member, &member->name);
        if (was_there && !is_own)
            member->next_number =
                group_seen_next(device->seen, before->key.public_key, member->member);
        for (size_t k = 0; is_own && k < device->counters.count; k++)
            if (memcmp(device->counters.all[k].key_public, before->key.public_key,
                       GROUP_KEY_BYTES) == 0)
                member->next_number = device->counters.all[k].next;
        if (!is_own)
            continue;
        for (size_t k = 0; k < device->mailboxes_count; k++)
            if (device->mailboxes[k].is_open)
                memcpy(member->mailbox_id, device->mailboxes[k].id, sizeof member->mailbox_id);
    }
}

/* Send a state to one member: under the pair's key, or to a newcomer under that of their meeting.
 * Returns: 0, -EKEYEXPIRED (it met too long ago), -ENOMEM. */
static int send_state_to(struct device *device, const struct group_state *state,
                         const uint8_t *text, size_t bytes,
                         const uint8_t member[static GROUP_MEMBER_BYTES], int64_t now_s)
{
    struct epoch_keys *before = keys_current(device);
    size_t place = key_place(&before->key, member);
    struct recipient recipient = {.due_s = now_s};
    struct outgoing message = {.key = BY_PAIR, .type = GROUP_STATE, .is_repeated = true};
    uint8_t group_public[GROUP_KEY_BYTES] = {0}, key_public[GROUP_KEY_BYTES];
    memcpy(recipient.member, member, sizeof recipient.member);
    message.recipients = &recipient;
    message.count = 1;
    if (place < before->key.count) {
        const struct group_key *pair = keys_pair(device, before, place);
        if (!pair)
            return -ENOMEM;
        memcpy(group_public, before->key.public_key, sizeof group_public);
        memcpy(key_public, pair->public_key, sizeof key_public);
    } else {
        const struct meeting *meeting = find_meeting(device, member);
        if (!meeting || now_s >= meeting->made_s + MEETING_S)
            return -EKEYEXPIRED;
        message.key = BY_MEETING;
        memcpy(key_public, member, sizeof key_public); /* numbers count by newcomer */
    }
    int err = device_number(device, group_public, key_public, &message.number);
    if (err)
        return err;
    memcpy(message.group_public, before->key.public_key, sizeof message.group_public);
    message.epoch = state->epoch;
    message.time_s = (uint64_t)now_s;
    message.made_s = now_s;
    message.text = text;
    message.bytes = bytes;
    return outgoing_add(&device->outbox, &message);
}

/* Take newcomers out of a change whose meetings are over. */
static int keep_reachable(struct device *device, struct group_state_member *added, size_t *count,
                          int64_t now_s)
{
    size_t kept = 0;
    int err = 0;
    for (size_t i = 0; !err && i < *count; i++) {
        const struct meeting *meeting = find_meeting(device, added[i].member);
        if (meeting && now_s < meeting->made_s + MEETING_S)
            added[kept++] = added[i];
        else
            err = device_report(device, GROUP_EVENT_NOT_ADDED, device->own, added[i].member);
    }
    *count = kept;
    return err;
}

/* Make a new epoch, and have it sent. Returns: 0; -EINVAL, -ENOSPC (group_epochs_make, …_take);
 * -ENOMEM. */
static int change(struct device *device, const struct group_intent *intent, int64_t now_s)
{
    uint8_t *text = secret_alloc(GROUP_STATE_BYTES_MAX);
    struct group_state *state = secret_alloc(sizeof *state);
    uint64_t first = device->outbox.next_id;
    int err = text && state ? 0 : -ENOMEM;
    if (!err)
        err = group_epochs_make(device->epochs, state, intent, device->random);
    if (!err) {
        complete(device, state);
        size_t bytes = group_state_write(text, state);
        INVARIANT(bytes > 0); /* its parts were checked when they came */
        for (size_t i = 0; !err && i < state->count; i++)
            if (memcmp(state->members[i].member, device->own, sizeof device->own) != 0)
                err = send_state_to(device, state, text, bytes, state->members[i].member, now_s);
    }
    if (!err)
        err = group_epochs_take(device->epochs, state, device->own);
    for (size_t i = device->outbox.count; err && i-- > 0;)
        if (device->outbox.all[i].id >= first)
            outgoing_drop(&device->outbox, i);
    secret_free(text);
    secret_free(state);
    return err;
}

int device_met(struct device *device, const struct group_introduction *own,
               const uint8_t x_secret[static GROUP_KEY_BYTES],
               const struct group_introduction *other, int64_t now_s)
{
    const struct group_state *state = device_state(device);
    struct group_key key;
    if (state && state_has(state, other->member))
        return -EEXIST;
    int err = group_meeting_key(&key, x_secret, own, other);
    if (err)
        return err;
    if (find_meeting(device, other->member))
        LIST_DROP(&device->meetings,
                  (size_t)(find_meeting(device, other->member) - device->meetings.all));
    if (device->meetings.count == MEETINGS_MAX)
        LIST_DROP(&device->meetings, 0);
    err = LIST_ADD(&device->meetings);
    if (!err) {
        struct meeting *meeting = &device->meetings.all[device->meetings.count++];
        *meeting = (struct meeting){.made_s = now_s, .next = device->epochs ? UINT64_MAX : 0};
        memcpy(meeting->other, other->member, sizeof meeting->other);
        memcpy(meeting->mailbox_id, other->mailbox_id, sizeof meeting->mailbox_id);
        memcpy(meeting->secret, key.secret_key, sizeof meeting->secret);
    }
    secret_wipe(&key, sizeof key);
    if (err || !device->epochs)
        return err;
    struct group_state_member invited = {.next_number = 0};
    memcpy(invited.member, other->member, sizeof invited.member);
    memcpy(invited.mailbox_id, other->mailbox_id, sizeof invited.mailbox_id);
    const struct group_intent intent = {.added = &invited, .added_count = 1};
    err = change(device, &intent, now_s);
    if (err == -EINVAL)
        return -ENOSPC;
    return err ? err : changes_settle(device, now_s);
}

int device_remove(struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES],
                  int64_t now_s)
{
    const struct group_state *state = device_state(device);
    const struct group_intent intent = {.removed = member, .removed_count = 1};
    if (!device_is_member(device) || !state_has(state, member))
        return -ENOENT;
    if (memcmp(member, device->own, sizeof device->own) == 0 ||
        state->count <= GROUP_STATE_MEMBERS_MIN)
        return -EINVAL;
    int err = change(device, &intent, now_s);
    return err ? err : changes_settle(device, now_s);
}

/* --- what others changed --- */

/* Who made the difference about a member: the author of the newest epoch on the way to the current
 * one that has it where the one before does not, or the other way round. */
static const uint8_t *author_of(const struct device *device,
                                const uint8_t member[static GROUP_MEMBER_BYTES])
{
    const struct epoch_keys *current = keys_current(device), *keys = current;
    for (; keys; keys = keys_before(device, keys)) {
        const struct epoch_keys *before = keys_before(device, keys);
        if (before && group_key_has(&keys->key, member) != group_key_has(&before->key, member))
            return keys->author;
    }
    return current->author;
}

static bool was_shown(const struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES])
{
    for (size_t i = 0; i < device->shown_count; i++)
        if (memcmp(device->shown[i], member, GROUP_MEMBER_BYTES) == 0)
            return true;
    return false;
}

/* Report who came and who went. `*somebody_went`: as it says. */
static int report_changes(struct device *device, bool *somebody_went)
{
    const struct group_state *state = device_state(device);
    int err = 0;
    *somebody_went = false;
    for (size_t i = 0; !err && i < device->shown_count; i++) {
        const uint8_t *member = device->shown[i];
        if (state_has(state, member))
            continue;
        bool is_own = memcmp(member, device->own, sizeof device->own) == 0;
        *somebody_went = true;
        device->is_out = device->is_out || is_own;
        err = device_report(device, is_own ? GROUP_EVENT_OUT : GROUP_EVENT_REMOVED,
                            author_of(device, member), member);
    }
    for (size_t i = 0; !err && device->shown_count > 0 && i < state->count; i++)
        if (!was_shown(device, state->members[i].member))
            err = device_report(device, GROUP_EVENT_ADDED,
                                author_of(device, state->members[i].member),
                                state->members[i].member);
    return err;
}

/* Another epoch is the current one. */
static int begin_epoch(struct device *device, int64_t now_s)
{
    const struct group_state *state = device_state(device);
    bool somebody_went;
    int err = report_changes(device, &somebody_went);
    if (err)
        return err;
    const struct device_mailbox *newest = &device->mailboxes[device->mailboxes_count - 1];
    if (newest->is_open && (somebody_went || now_s >= device->mailboxes_made_s + MAILBOX_AGE_S))
        device_add_mailbox(device, now_s);
    memcpy(device->shown_public, state->public_key, sizeof device->shown_public);
    device->shown_count = state->count;
    for (size_t i = 0; i < state->count; i++)
        memcpy(device->shown[i], state->members[i].member, GROUP_MEMBER_BYTES);
    return 0;
}

static bool is_due(const struct unopened *kept, enum reading reading, int64_t now_s)
{
    return reading == READING_FRESH || (!kept->tried_old && now_s >= kept->came_s + UNOPENED_OLD_S);
}

/* Try copies that nothing opened yet with further keys. `*opened_any`: whether some are open now.
 */
static int try_unopened(struct device *device, enum reading reading, bool *opened_any,
                        int64_t now_s)
{
    int err = 0;
    *opened_any = false;
    for (size_t i = 0; !err && i < device->unopened.count;) {
        bool opened = false;
        struct unopened kept = device->unopened.all[i];
        if (is_due(&kept, reading, now_s)) {
            err = reading_try(device, kept.copy, kept.mailbox_id, reading, &opened, now_s);
            device->unopened.all[i].tried_old = kept.tried_old || reading == READING_OLD;
        }
        *opened_any = *opened_any || opened;
        if (opened)
            LIST_DROP(&device->unopened, i);
        else
            i++;
    }
    return err;
}

/* Try them with keys that have come since. `*tried`: whether there were any. */
static int try_fresh(struct device *device, bool *tried, int64_t now_s)
{
    bool opened;
    *tried = false;
    for (size_t i = 0; i < device->keys_count; i++)
        *tried = *tried || device->keys[i]->is_fresh;
    if (!*tried)
        return 0;
    int err = try_unopened(device, READING_FRESH, &opened, now_s);
    for (size_t i = 0; !err && i < device->keys_count; i++)
        device->keys[i]->is_fresh = false;
    return err;
}

/* The place of this device in the order in which members act, without those who are to go. */
static size_t own_place(const struct device *device, const uint8_t *gone, size_t gone_count)
{
    const struct group_key *key = &keys_current(device)->key;
    uint8_t before[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    size_t count = gone_count;
    memcpy(before, gone, gone_count * GROUP_MEMBER_BYTES);
    const uint8_t *next;
    while ((next = group_key_first(key, before, count)) != NULL &&
           memcmp(next, device->own, sizeof device->own) != 0)
        memcpy(before + count++ * GROUP_MEMBER_BYTES, next, GROUP_MEMBER_BYTES);
    return count - gone_count;
}

/* Members are to go, or a month has passed: the first one makes the new epoch; each further one
 * does a day later, if nobody has until then. Returns: 0 (an epoch was made), -ENOENT (nothing is
 * to be done), -ENOMEM. */
static int act(struct device *device, int64_t now_s)
{
    uint8_t gone[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    bool own_turn;
    size_t gone_count = group_epochs_gone(device->epochs, gone, &own_turn);
    const struct group_state *state = device_state(device);
    const struct epoch_keys *current = keys_current(device);
    if (gone_count == 0)
        device->gone_s = 0;
    else if (device->gone_s == 0)
        device->gone_s = now_s;
    int64_t wait_s = (int64_t)own_place(device, gone, gone_count) * DAY_S;
    int64_t due_s = gone_count > 0 ? device->gone_s + wait_s : current->since_s + MONTH_S + wait_s;
    if (now_s < due_s || device->is_leaving || !device_is_member(device) ||
        state->count - gone_count < GROUP_STATE_MEMBERS_MIN)
        return -ENOENT;
    const struct group_intent intent = {.removed_count = 0};
    int err = change(device, &intent, now_s);
    return err && err != -ENOMEM ? -ENOENT : err;
}

/* An own change did not stand: make it again. Returns: as act. */
static int change_again(struct device *device, int64_t now_s)
{
    uint8_t removed[GROUP_MEMBERS_MAX * GROUP_MEMBER_BYTES];
    struct group_state_member added[GROUP_MEMBERS_MAX];
    struct group_intent intent = {.removed = removed, .added = added};
    if (device->is_leaving)
        return -ENOENT;
    int err = group_epochs_redo(device->epochs, removed, &intent.removed_count, added,
                                &intent.added_count);
    if (err)
        return err;
    err = keep_reachable(device, added, &intent.added_count, now_s);
    if (!err && intent.removed_count + intent.added_count > 0)
        err = change(device, &intent, now_s);
    return err == -ENOMEM ? err : 0;
}

/* Drop what was to be repeated until it was known to have come, and is. */
static void drop_known(struct device *device)
{
    for (size_t i = device->outbox.count; i-- > 0;) {
        const struct outgoing *message = &device->outbox.all[i];
        if (message->type == GROUP_STATE &&
            keys_heard(device, message->recipients[0].member, message->epoch))
            outgoing_drop(&device->outbox, i);
    }
}

int changes_settle(struct device *device, int64_t now_s)
{
    if (!device->epochs)
        return 0;
    for (;;) {
        bool tried = false;
        int err = keys_follow(device, now_s);
        if (!err)
            err = try_fresh(device, &tried, now_s);
        if (!err && !tried)
            err = try_unopened(device, READING_OLD, &tried, now_s);
        if (err)
            return err;
        if (tried)
            continue;
        if (memcmp(device->shown_public, device_state(device)->public_key, GROUP_KEY_BYTES) != 0) {
            err = begin_epoch(device, now_s);
            if (err)
                return err;
            continue;
        }
        err = act(device, now_s);
        if (err == -ENOENT)
            err = change_again(device, now_s);
        if (err == -ENOENT)
            break;
        if (err)
            return err;
    }
    drop_known(device);
    return 0;
}

int device_create(struct device **out, const struct group_name *group_name,
                  const struct group_name *own_name, const struct random_source *random,
                  int64_t now_s)
{
    struct device *device;
    int err = device_newcomer(&device, own_name, random, now_s);
    if (err)
        return err;
    struct group_state_member own = {.name = *own_name};
    memcpy(own.member, device->own, sizeof own.member);
    memcpy(own.mailbox_id, device->mailboxes[0].id, sizeof own.mailbox_id);
    err = group_epochs_found(&device->epochs, group_name, &own, random);
    if (!err)
        err = changes_settle(device, now_s);
    if (err)
        device_close(device);
    else
        *out = device;
    return err;
}
