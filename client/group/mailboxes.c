#include <string.h>

#include "base/secret.h"
#include "group/inside.h"

/* The mailboxes of a device, the newest last. */

size_t device_mailboxes(const struct device *device)
{
    return device->mailboxes_count;
}

const struct device_mailbox *device_mailbox(const struct device *device, size_t at)
{
    return &device->mailboxes[at];
}

struct device_mailbox *device_find_mailbox(struct device *device,
                                           const uint8_t id[static GROUP_MAILBOX_ID_BYTES])
{
    for (size_t i = 0; i < device->mailboxes_count; i++)
        if (memcmp(device->mailboxes[i].id, id, GROUP_MAILBOX_ID_BYTES) == 0)
            return &device->mailboxes[i];
    return NULL;
}

static bool is_newest(const struct device *device, const struct device_mailbox *mailbox)
{
    return mailbox == &device->mailboxes[device->mailboxes_count - 1];
}

int device_mailbox_opened(struct device *device, const uint8_t id[static GROUP_MAILBOX_ID_BYTES],
                          int64_t expires_s, int64_t now_s)
{
    struct device_mailbox *mailbox = device_find_mailbox(device, id);
    if (!mailbox)
        return -ENOENT;
    mailbox->is_open = true;
    /* A server whose clock is behind would have it renewed all the time. */
    int64_t life_s = expires_s > now_s ? expires_s - now_s : 0;
    mailbox->renew_s = now_s + (life_s > 2 * OUTGOING_REPEAT_S ? life_s / 2 : OUTGOING_REPEAT_S);
    for (size_t i = 0; is_newest(device, mailbox) && i + 1 < device->mailboxes_count; i++)
        if (device->mailboxes[i].retired_s == 0)
            device->mailboxes[i].retired_s = now_s;
    return changes_settle(device, now_s);
}

static void drop(struct device *device, struct device_mailbox *mailbox)
{
    size_t at = (size_t)(mailbox - device->mailboxes);
    memmove(mailbox, mailbox + 1, (device->mailboxes_count - at - 1) * sizeof *mailbox);
    device->mailboxes_count--;
    secret_wipe(&device->mailboxes[device->mailboxes_count], sizeof *mailbox);
}

void device_mailbox_lost(struct device *device, const uint8_t id[static GROUP_MAILBOX_ID_BYTES],
                         bool is_closed, int64_t now_s)
{
    struct device_mailbox *mailbox = device_find_mailbox(device, id);
    if (!mailbox)
        return;
    mailbox->is_open = false;
    mailbox->cursor = 0;
    mailbox->renew_s = now_s;
    if (!is_closed)
        return;
    bool was_newest = is_newest(device, mailbox);
    drop(device, mailbox);
    if (was_newest)
        device_add_mailbox(device, now_s);
}

void device_mailbox_closed(struct device *device, const uint8_t id[static GROUP_MAILBOX_ID_BYTES])
{
    struct device_mailbox *mailbox = device_find_mailbox(device, id);
    if (mailbox && mailbox->is_to_close)
        drop(device, mailbox);
}

int device_take(struct device *device, const uint8_t id[static GROUP_MAILBOX_ID_BYTES],
                uint64_t cursor, const uint8_t *copies, size_t count, int64_t now_s)
{
    int err = 0;
    if (!device_find_mailbox(device, id))
        return -ENOENT;
    for (size_t i = 0; !err && i < count; i++) {
        const uint8_t *copy = copies + i * GROUP_COPY_BYTES;
        bool opened = false;
        err = reading_try(device, copy, id, READING_USUAL, &opened, now_s);
        if (err || opened)
            continue;
        if (device->unopened.count == DEVICE_UNOPENED_MAX) {
            LIST_DROP(&device->unopened, 0);
            device->refused++;
        }
        err = LIST_ADD(&device->unopened);
        if (err)
            continue;
        struct unopened *kept = &device->unopened.all[device->unopened.count++];
        kept->came_s = now_s;
        memcpy(kept->copy, copy, sizeof kept->copy);
        memcpy(kept->mailbox_id, id, sizeof kept->mailbox_id);
    }
    if (!err)
        err = changes_settle(device, now_s);
    struct device_mailbox *mailbox = device_find_mailbox(device, id);
    if (!err && mailbox)
        mailbox->cursor = cursor;
    return err;
}
