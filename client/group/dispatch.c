#include <string.h>

#include "base/secret.h"
#include "group/inside.h"

/* Packets of the messages that are to be sent, and what is done as time passes. */

/* The key of a message to its first recipient. Returns: 0, -ENOENT (it is not known any more). */
static int key_of(struct device *device, const struct outgoing *message, struct group_key *key)
{
    const uint8_t *member = message->recipients[0].member;
    struct epoch_keys *keys = keys_find(device, message->group_public);
    if (message->key == BY_MEETING) {
        uint8_t members[2][GROUP_MEMBER_BYTES];
        memcpy(members[0], device->own, sizeof members[0]);
        memcpy(members[1], member, sizeof members[1]);
        for (size_t i = 0; i < device->meetings.count; i++)
            if (memcmp(device->meetings.all[i].other, member, GROUP_MEMBER_BYTES) == 0)
                return group_key_make(key, device->meetings.all[i].secret, 0, members[0], 2);
        return -ENOENT;
    }
    /* Of an epoch that is too old to matter here, but is the newest that the recipient knows. */
    if (!keys && message->key == BY_PAIR)
        return group_pair_key(key, device->seed, member, message->group_public, message->epoch - 1)
                   ? -ENOENT
                   : 0;
    if (!keys)
        return -ENOENT;
    if (message->key == BY_GROUP) {
        *key = keys->key;
        return 0;
    }
    size_t place = key_place(&keys->key, member);
    const struct group_key *pair = place < keys->key.count ? keys_pair(device, keys, place) : NULL;
    if (!pair || pair->count == 0)
        return -ENOENT;
    *key = *pair;
    return 0;
}

/* Where a recipient is written to. Returns: 0, -ENOENT (nowhere now). */
static int address_of(const struct device *device, const struct outgoing *message,
                      const struct recipient *recipient, uint8_t id[static GROUP_MAILBOX_ID_BYTES])
{
    int err = device_address_of(device, recipient->member, id);
    for (size_t i = 0; err && message->key == BY_MEETING && i < device->meetings.count; i++)
        if (memcmp(device->meetings.all[i].other, recipient->member, GROUP_MEMBER_BYTES) == 0) {
            memcpy(id, device->meetings.all[i].mailbox_id, GROUP_MAILBOX_ID_BYTES);
            err = 0;
        }
    return err;
}

static bool is_due(const struct device *device, const struct outgoing *message,
                   const struct recipient *recipient, int64_t now_s)
{
    uint8_t id[GROUP_MAILBOX_ID_BYTES];
    return recipient->left != 0 && recipient->due_s <= now_s &&
           !address_of(device, message, recipient, id);
}

static uint8_t first_part(const struct recipient *recipient)
{
    uint8_t part = 0;
    while ((recipient->left >> part & 1) == 0)
        part++;
    return part;
}

static void copy_part(const struct outgoing *message, uint8_t at, uint32_t epoch,
                      struct group_part *part)
{
    size_t begin = (size_t)at * GROUP_TEXT_BYTES_MAX, left = message->bytes - begin;
    *part = (struct group_part){.type = message->type,
                                .epoch = epoch,
                                .number = message->number,
                                .time_s = message->time_s,
                                .part = at,
                                .parts = message->parts};
    part->bytes = (uint16_t)(left < GROUP_TEXT_BYTES_MAX ? left : GROUP_TEXT_BYTES_MAX);
    memcpy(part->text, message->text + begin, part->bytes);
}

/* Sign, seal and address a part. Returns: 0, -ENOENT, -EINVAL. */
static int make_division(struct device *device, const struct outgoing *message,
                         struct device_dispatch *dispatch, const uint8_t *mailbox_ids)
{
    struct group_key key;
    struct group_part part;
    uint8_t t[GROUP_BLIND_BYTES], ephemeral[GROUP_KEY_BYTES];
    int err = key_of(device, message, &key);
    if (err)
        return err;
    copy_part(message, dispatch->part, key.epoch, &part);
    random_fill(device->random, t, sizeof t);
    random_fill(device->random, ephemeral, sizeof ephemeral);
    group_blinded(dispatch->division.blinded, &key, t);
    err = group_message_make(dispatch->division.message, &key, device->seed, t, ephemeral, &part);
    if (!err)
        err = group_division_address(&dispatch->division, &key, t, mailbox_ids, dispatch->count,
                                     device->random);
    secret_wipe(&key, sizeof key);
    secret_wipe(&part, sizeof part);
    secret_wipe(t, sizeof t);
    secret_wipe(ephemeral, sizeof ephemeral);
    return err;
}

/* A packet of a message, if one is due. Returns: 0, -ENOENT (none is), -EINVAL. */
static int dispatch_of(struct device *device, const struct outgoing *message,
                       struct device_dispatch *dispatch, int64_t now_s)
{
    uint8_t ids[GROUP_RECIPIENTS][GROUP_MAILBOX_ID_BYTES];
    dispatch->outgoing = message->id;
    dispatch->count = 0;
    for (size_t i = 0; i < message->count && dispatch->count < GROUP_RECIPIENTS; i++) {
        const struct recipient *recipient = &message->recipients[i];
        if (!is_due(device, message, recipient, now_s))
            continue;
        if (dispatch->count == 0)
            dispatch->part = first_part(recipient);
        else if ((recipient->left >> dispatch->part & 1) == 0)
            continue;
        int err = address_of(device, message, recipient, ids[dispatch->count]);
        INVARIANT(!err); /* it is due */
        memcpy(dispatch->recipients[dispatch->count++], recipient->member, GROUP_MEMBER_BYTES);
    }
    return dispatch->count > 0 ? make_division(device, message, dispatch, ids[0]) : -ENOENT;
}

int device_dispatch(struct device *device, const struct group_division *server,
                    struct device_dispatch *dispatch, int64_t now_s)
{
    int err = -ENOENT;
    for (size_t i = 0; err == -ENOENT && i < device->outbox.count; i++) {
        struct device_dispatch made = {.division = *server};
        err = dispatch_of(device, &device->outbox.all[i], &made, now_s);
        if (!err)
            *dispatch = made;
    }
    return err;
}

static void count_sent(struct outgoing *message, struct recipient *recipient, uint8_t part,
                       int64_t now_s)
{
    recipient->left &= ~(UINT64_C(1) << part);
    if (recipient->left != 0 || !message->is_repeated)
        return;
    unsigned doublings = recipient->rounds < 20 ? recipient->rounds : 20;
    recipient->rounds++;
    recipient->left = UINT64_MAX >> (GROUP_PARTS_MAX - message->parts);
    recipient->due_s = now_s + ((int64_t)OUTGOING_REPEAT_S << doublings);
}

void device_dispatched(struct device *device, const struct device_dispatch *dispatch,
                       unsigned delivered, int64_t now_s)
{
    struct outgoing *message = outgoing_find(&device->outbox, dispatch->outgoing);
    for (size_t i = 0; message && i < dispatch->count; i++)
        for (size_t k = 0; k < message->count; k++) {
            struct recipient *recipient = &message->recipients[k];
            if (memcmp(recipient->member, dispatch->recipients[i], GROUP_MEMBER_BYTES) != 0)
                continue;
            if (delivered >> i & 1)
                count_sent(message, recipient, dispatch->part, now_s);
            else
                recipient->due_s = now_s + OUTGOING_FAILED_S;
        }
    if (!message || message->is_repeated)
        return;
    size_t at = (size_t)(message - device->outbox.all);
    for (size_t k = message->count; k-- > 0;)
        if (message->recipients[k].left == 0 && outgoing_drop_recipient(&device->outbox, at, k))
            break;
}

size_t device_unsent(const struct device *device)
{
    size_t count = 0;
    for (size_t i = 0; i < device->outbox.count; i++)
        count +=
            device->outbox.all[i].type == GROUP_TEXT || device->outbox.all[i].type == GROUP_LEAVE;
    return count;
}

bool device_is_over(const struct device *device)
{
    return device->is_out || (device->is_leaving && device_unsent(device) == 0);
}

static void sooner(int64_t *due_s, int64_t at_s)
{
    *due_s = at_s < *due_s ? at_s : *due_s;
}

int64_t device_due_s(const struct device *device, int64_t now_s)
{
    int64_t due_s = now_s + OUTGOING_REPEAT_S;
    for (size_t i = 0; i < device->outbox.count; i++)
        for (size_t k = 0; k < device->outbox.all[i].count; k++) {
            const struct outgoing *message = &device->outbox.all[i];
            if (is_due(device, message, &message->recipients[k], due_s))
                sooner(&due_s, message->recipients[k].due_s);
        }
    for (size_t i = 0; i < device->gaps.count; i++)
        if (device->gaps.all[i].reported == 0)
            sooner(&due_s, device->gaps.all[i].since_s + GAP_PATIENCE_S);
    return due_s > now_s ? due_s : now_s;
}

/* --- time --- */

static struct gap *find_gap(struct device *device, const struct epoch_keys *keys,
                            const uint8_t member[static GROUP_MEMBER_BYTES])
{
    for (size_t i = 0; i < device->gaps.count; i++) {
        struct gap *gap = &device->gaps.all[i];
        if (memcmp(gap->group_public, keys->key.public_key, GROUP_KEY_BYTES) == 0 &&
            memcmp(gap->member, member, GROUP_MEMBER_BYTES) == 0)
            return gap;
    }
    return NULL;
}

static int watch_gap(struct device *device, const struct epoch_keys *keys,
                     const uint8_t member[static GROUP_MEMBER_BYTES], int64_t now_s)
{
    uint64_t missing = group_seen_missing(device->seen, keys->key.public_key, member, NULL, 0);
    struct gap *gap = find_gap(device, keys, member);
    if (missing == 0) {
        if (gap)
            LIST_DROP(&device->gaps, (size_t)(gap - device->gaps.all));
        return 0;
    }
    if (!gap) {
        int err = LIST_ADD(&device->gaps);
        if (err)
            return err;
        gap = &device->gaps.all[device->gaps.count++];
        *gap = (struct gap){.since_s = now_s};
        memcpy(gap->group_public, keys->key.public_key, sizeof gap->group_public);
        memcpy(gap->member, member, sizeof gap->member);
    }
    if (missing <= gap->reported) {
        gap->reported = missing;
        gap->since_s = now_s;
        return 0;
    }
    if (now_s < gap->since_s + GAP_PATIENCE_S)
        return 0;
    struct group_event event = {.kind = GROUP_EVENT_MISSING, .count = missing - gap->reported};
    memcpy(event.author, member, sizeof event.author);
    device_name_of(device, member, &event.author_name);
    gap->reported = missing;
    gap->since_s = now_s;
    return group_events_add(&device->events, &event);
}

/* Of members still there, under epochs whose messages are still shown. */
static int watch_gaps(struct device *device, int64_t now_s)
{
    const struct group_state *state = device_state(device);
    int err = 0;
    for (size_t i = 0; i < device->keys_count; i++) {
        const struct epoch_keys *keys = device->keys[i];
        bool is_shown = keys->over_s == 0 || now_s < keys->over_s + DAY_S;
        if (!is_shown)
            group_seen_forget(device->seen, keys->key.public_key);
        for (size_t k = 0; !err && k < keys->key.count; k++)
            if (state_has(state, keys->key.members[k]))
                err = watch_gap(device, keys, keys->key.members[k], now_s);
    }
    return err;
}

static bool has_announcement(const struct device *device)
{
    for (size_t i = 0; i < device->outbox.count; i++)
        if (device->outbox.all[i].type == GROUP_MOVED)
            return true;
    return false;
}

/* What is kept for a while only. */
static void expire(struct device *device, int64_t now_s)
{
    for (size_t i = device->outbox.count; i-- > 0;) {
        const struct outgoing *message = &device->outbox.all[i];
        bool is_known =
            message->key != BY_GROUP || keys_find(device, message->group_public) != NULL;
        if (!is_known || now_s >= message->made_s + OUTGOING_LIFE_S)
            outgoing_drop(&device->outbox, i);
    }
    for (size_t i = device->meetings.count; i-- > 0;)
        if (now_s >= device->meetings.all[i].made_s + MEETING_S)
            LIST_DROP(&device->meetings, i);
    for (size_t i = device->unopened.count; i-- > 0;)
        if (now_s >= device->unopened.all[i].came_s + UNOPENED_S) {
            LIST_DROP(&device->unopened, i);
            device->refused++;
        }
    for (size_t i = 0; i < device->mailboxes_count; i++) {
        struct device_mailbox *mailbox = &device->mailboxes[i];
        int64_t age_s = mailbox->retired_s ? now_s - mailbox->retired_s : 0;
        if (age_s >= MONTH_S || (age_s >= DAY_S && !has_announcement(device)))
            mailbox->is_to_close = true;
    }
}

int device_tick(struct device *device, int64_t now_s)
{
    if (!device->epochs)
        return 0;
    expire(device, now_s);
    int err = changes_settle(device, now_s);
    /* Once in a round, after all that came was read: epochs may have been passed through. */
    if (!err)
        err = announce_mailbox(device, now_s);
    return err ? err : watch_gaps(device, now_s);
}
