#include <string.h>

#include "group/inside.h"

/* Messages to all other members under the current key. */

/* A message to all other members under the current key. Returns: 0, -ENOMEM. */
static int send_to_all(struct device *device, enum group_type type, const uint8_t *text,
                       size_t bytes, bool is_repeated, int64_t now_s)
{
    const struct group_state *state = device_state(device);
    struct recipient recipients[GROUP_MEMBERS_MAX];
    struct outgoing message = {
        .key = BY_GROUP, .type = (uint8_t)type, .is_repeated = is_repeated, .bytes = bytes};
    for (size_t i = 0; i < state->count; i++) {
        if (memcmp(state->members[i].member, device->own, sizeof device->own) == 0)
            continue;
        recipients[message.count] = (struct recipient){.due_s = now_s};
        memcpy(recipients[message.count++].member, state->members[i].member, GROUP_MEMBER_BYTES);
    }
    if (message.count == 0)
        return 0;
    int err = device_number(device, state->public_key, state->public_key, &message.number);
    if (err)
        return err;
    memcpy(message.group_public, state->public_key, sizeof message.group_public);
    message.epoch = state->epoch;
    message.time_s = (uint64_t)now_s;
    message.made_s = now_s;
    message.text = text;
    message.recipients = recipients;
    return outgoing_add(&device->outbox, &message);
}

int device_write(struct device *device, const uint8_t *text, size_t bytes, int64_t now_s)
{
    if (bytes == 0)
        return -EINVAL;
    if (bytes > DEVICE_TEXT_BYTES_MAX)
        return -EMSGSIZE;
    if (!device_is_member(device) || device->is_leaving || device_state(device)->count < 2)
        return -ENOENT;
    return send_to_all(device, GROUP_TEXT, text, bytes, false, now_s);
}

int device_leave(struct device *device, int64_t now_s)
{
    int err = 0;
    if (device_is_member(device) && !device->is_leaving)
        err = send_to_all(device, GROUP_LEAVE, (const uint8_t *)"", 0, false, now_s);
    if (!err)
        device->is_leaving = true;
    return err;
}

/* Whether the current state, as it was sent, has another name for this member. */
static bool is_renamed(const struct device *device)
{
    const struct group_state *state = device_state(device);
    for (size_t i = 0; i < state->count; i++)
        if (memcmp(state->members[i].member, device->own, sizeof device->own) == 0)
            return state->members[i].name.bytes != device->own_name.bytes ||
                   memcmp(state->members[i].name.text, device->own_name.text,
                          device->own_name.bytes) != 0;
    return false;
}

int announce_mailbox(struct device *device, int64_t now_s)
{
    const struct group_state *state = device_state(device);
    const struct device_mailbox *mailbox = NULL;
    for (size_t i = 0; i < device->mailboxes_count; i++)
        if (device->mailboxes[i].is_open)
            mailbox = &device->mailboxes[i];
    bool is_same_epoch = memcmp(device->announced_public, state->public_key, GROUP_KEY_BYTES) == 0;
    if (!mailbox || device->is_leaving || !device_is_member(device) ||
        (is_same_epoch && memcmp(device->announced_id, mailbox->id, sizeof mailbox->id) == 0))
        return 0;
    /* What was to be said under an epoch before is of no use now. */
    for (size_t i = device->outbox.count; i-- > 0;) {
        uint8_t type = device->outbox.all[i].type;
        if (type == GROUP_MOVED || (type == GROUP_RENAMED && !is_same_epoch))
            outgoing_drop(&device->outbox, i);
    }
    int err = send_to_all(device, GROUP_MOVED, mailbox->id, sizeof mailbox->id, true, now_s);
    if (!err && !is_same_epoch && is_renamed(device))
        err = send_to_all(device, GROUP_RENAMED, device->own_name.text, device->own_name.bytes,
                          false, now_s);
    if (!err) {
        memcpy(device->announced_public, state->public_key, GROUP_KEY_BYTES);
        memcpy(device->announced_id, mailbox->id, sizeof mailbox->id);
    }
    return err;
}

int announce_again(struct device *device, const uint8_t member[static GROUP_MEMBER_BYTES],
                   int64_t now_s)
{
    const struct group_state *state = device_state(device);
    struct recipient recipient = {.due_s = now_s};
    struct outgoing message = {.key = BY_GROUP, .type = GROUP_MOVED, .is_repeated = true};
    if (device->is_leaving || !state_has(state, member) ||
        memcmp(device->announced_public, state->public_key, GROUP_KEY_BYTES) != 0)
        return 0;
    for (size_t i = 0; i < device->outbox.count; i++) {
        struct outgoing *each = &device->outbox.all[i];
        for (size_t k = 0; each->type == GROUP_MOVED && k < each->count; k++)
            if (memcmp(each->recipients[k].member, member, GROUP_MEMBER_BYTES) == 0) {
                each->recipients[k].due_s = now_s;
                return 0;
            }
    }
    int err = device_number(device, state->public_key, state->public_key, &message.number);
    if (err)
        return err;
    memcpy(recipient.member, member, sizeof recipient.member);
    memcpy(message.group_public, state->public_key, sizeof message.group_public);
    message.epoch = state->epoch;
    message.time_s = (uint64_t)now_s;
    message.made_s = now_s;
    message.text = device->announced_id;
    message.bytes = sizeof device->announced_id;
    message.recipients = &recipient;
    message.count = 1;
    return outgoing_add(&device->outbox, &message);
}
