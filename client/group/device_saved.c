#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "group/inside.h"

/* DESIGN: format 1, integers big-endian, in the order of the functions below: "RGRP", format (4),
 * who this device is, its mailboxes, its epochs and what is known of each, what came, what is to be
 * shown and to be sent. Lists begin with their number (4). The file's own seal and sum protect all
 * of it, so what cannot be is damage, and is refused as a whole. */

enum { FORMAT = 1 };

static const uint8_t mark[] = {'R', 'G', 'R', 'P'};

static void put_name(struct writer *writer, const struct group_name *name)
{
    writer_u8(writer, name->bytes);
    writer_put(writer, name->text, sizeof name->text);
}

static void take_name(struct cursor *cursor, struct group_name *name)
{
    name->bytes = cursor_u8(cursor);
    cursor_copy(cursor, name->text, sizeof name->text);
    if (name->bytes > GROUP_NAME_BYTES_MAX)
        cursor->failed = true;
}

static void put_time(struct writer *writer, int64_t time_s)
{
    writer_be64(writer, (uint64_t)time_s);
}

static int64_t take_time(struct cursor *cursor)
{
    return (int64_t)cursor_be64(cursor);
}

static bool take_flag(struct cursor *cursor)
{
    return cursor_u8(cursor) != 0;
}

/* --- this device, and its mailboxes --- */

static void put_own(struct writer *writer, const struct device *device)
{
    writer_put(writer, device->seed, GROUP_SEED_BYTES);
    put_name(writer, &device->own_name);
    writer_u8(writer, device->is_leaving);
    writer_u8(writer, device->is_out);
    writer_be64(writer, device->refused);
    put_time(writer, device->gone_s);
    put_time(writer, device->mailboxes_made_s);
    writer_put(writer, device->announced_public, sizeof device->announced_public);
    writer_put(writer, device->announced_id, sizeof device->announced_id);
    writer_put(writer, device->shown_public, sizeof device->shown_public);
    writer_u8(writer, (uint8_t)device->shown_count);
    writer_put(writer, device->shown, device->shown_count * GROUP_MEMBER_BYTES);
    writer_u8(writer, (uint8_t)device->mailboxes_count);
    for (size_t i = 0; i < device->mailboxes_count; i++) {
        const struct device_mailbox *mailbox = &device->mailboxes[i];
        writer_put(writer, mailbox->read_key, sizeof mailbox->read_key);
        writer_be64(writer, mailbox->cursor);
        put_time(writer, mailbox->renew_s);
        put_time(writer, mailbox->retired_s);
        writer_u8(writer, mailbox->is_open);
        writer_u8(writer, mailbox->is_to_close);
    }
}

static void take_mailboxes(struct cursor *cursor, struct device *device)
{
    device->mailboxes_count = cursor_u8(cursor);
    if (device->mailboxes_count == 0 || device->mailboxes_count > DEVICE_MAILBOXES_MAX)
        cursor->failed = true;
    for (size_t i = 0; !cursor->failed && i < device->mailboxes_count; i++) {
        struct device_mailbox *mailbox = &device->mailboxes[i];
        cursor_copy(cursor, mailbox->read_key, sizeof mailbox->read_key);
        group_mailbox_id(mailbox->id, mailbox->read_key);
        mailbox->cursor = cursor_be64(cursor);
        mailbox->renew_s = take_time(cursor);
        mailbox->retired_s = take_time(cursor);
        mailbox->is_open = take_flag(cursor);
        mailbox->is_to_close = take_flag(cursor);
    }
}

static void take_own(struct cursor *cursor, struct device *device)
{
    cursor_copy(cursor, device->seed, GROUP_SEED_BYTES);
    group_member_make(device->own, device->seed);
    take_name(cursor, &device->own_name);
    device->is_leaving = take_flag(cursor);
    device->is_out = take_flag(cursor);
    device->refused = cursor_be64(cursor);
    device->gone_s = take_time(cursor);
    device->mailboxes_made_s = take_time(cursor);
    cursor_copy(cursor, device->announced_public, sizeof device->announced_public);
    cursor_copy(cursor, device->announced_id, sizeof device->announced_id);
    cursor_copy(cursor, device->shown_public, sizeof device->shown_public);
    device->shown_count = cursor_u8(cursor);
    if (device->shown_count > GROUP_MEMBERS_MAX)
        cursor->failed = true;
    for (size_t i = 0; !cursor->failed && i < device->shown_count; i++)
        cursor_copy(cursor, device->shown[i], GROUP_MEMBER_BYTES);
    if (!cursor->failed)
        take_mailboxes(cursor, device);
}

/* --- epochs --- */

static void put_epochs(struct writer *writer, const struct device *device)
{
    writer_u8(writer, device->epochs != NULL);
    if (!device->epochs)
        return;
    group_epochs_save(device->epochs, writer);
    writer_u8(writer, (uint8_t)device->keys_count);
    for (size_t i = 0; i < device->keys_count; i++) {
        const struct epoch_keys *keys = device->keys[i];
        writer_put(writer, keys->key.public_key, sizeof keys->key.public_key);
        writer_be64(writer, keys->heard);
        put_time(writer, keys->since_s);
        put_time(writer, keys->over_s);
        writer_u8(writer, keys->is_fresh);
    }
}

static int take_epochs(struct cursor *cursor, struct device *device)
{
    if (!take_flag(cursor))
        return 0;
    int err = group_epochs_load(&device->epochs, cursor);
    if (!err)
        err = keys_follow(device, 0);
    if (err)
        return err;
    size_t count = cursor_u8(cursor);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *public_key = cursor_take(cursor, GROUP_KEY_BYTES);
        struct epoch_keys *keys = public_key ? keys_find(device, public_key) : NULL;
        if (!keys)
            return -EBADMSG;
        keys->heard = cursor_be64(cursor);
        keys->since_s = take_time(cursor);
        keys->over_s = take_time(cursor);
        keys->is_fresh = take_flag(cursor);
    }
    return 0;
}

/* --- lists --- */

static void put_declared(struct writer *writer, const struct device *device)
{
    writer_be32(writer, (uint32_t)device->declared.count);
    for (size_t i = 0; i < device->declared.count; i++) {
        const struct declared *declared = &device->declared.all[i];
        writer_put(writer, declared->group_public, sizeof declared->group_public);
        writer_put(writer, declared->member, sizeof declared->member);
        writer_u8(writer, declared->type);
        writer_be64(writer, declared->number);
        put_name(writer, &declared->value);
    }
}

static int take_declared(struct cursor *cursor, struct device *device)
{
    uint32_t count = cursor_be32(cursor);
    for (uint32_t i = 0; !cursor->failed && i < count; i++) {
        if (LIST_ADD(&device->declared))
            return -ENOMEM;
        struct declared *declared = &device->declared.all[device->declared.count++];
        cursor_copy(cursor, declared->group_public, sizeof declared->group_public);
        cursor_copy(cursor, declared->member, sizeof declared->member);
        declared->type = cursor_u8(cursor);
        declared->number = cursor_be64(cursor);
        take_name(cursor, &declared->value);
    }
    return 0;
}

static void put_counters(struct writer *writer, const struct device *device)
{
    writer_be32(writer, (uint32_t)device->counters.count);
    for (size_t i = 0; i < device->counters.count; i++) {
        writer_put(writer, device->counters.all[i].group_public, GROUP_KEY_BYTES);
        writer_put(writer, device->counters.all[i].key_public, GROUP_KEY_BYTES);
        writer_be64(writer, device->counters.all[i].next);
    }
}

static int take_counters(struct cursor *cursor, struct device *device)
{
    uint32_t count = cursor_be32(cursor);
    for (uint32_t i = 0; !cursor->failed && i < count; i++) {
        if (LIST_ADD(&device->counters))
            return -ENOMEM;
        struct counter *counter = &device->counters.all[device->counters.count++];
        cursor_copy(cursor, counter->group_public, sizeof counter->group_public);
        cursor_copy(cursor, counter->key_public, sizeof counter->key_public);
        counter->next = cursor_be64(cursor);
    }
    return 0;
}

static void put_meetings(struct writer *writer, const struct device *device)
{
    writer_be32(writer, (uint32_t)device->meetings.count);
    for (size_t i = 0; i < device->meetings.count; i++) {
        const struct meeting *meeting = &device->meetings.all[i];
        writer_put(writer, meeting->other, sizeof meeting->other);
        writer_put(writer, meeting->mailbox_id, sizeof meeting->mailbox_id);
        writer_put(writer, meeting->secret, sizeof meeting->secret);
        put_time(writer, meeting->made_s);
        writer_be64(writer, meeting->next);
    }
}

static int take_meetings(struct cursor *cursor, struct device *device)
{
    uint32_t count = cursor_be32(cursor);
    for (uint32_t i = 0; !cursor->failed && i < count; i++) {
        if (LIST_ADD(&device->meetings))
            return -ENOMEM;
        struct meeting *meeting = &device->meetings.all[device->meetings.count++];
        cursor_copy(cursor, meeting->other, sizeof meeting->other);
        cursor_copy(cursor, meeting->mailbox_id, sizeof meeting->mailbox_id);
        cursor_copy(cursor, meeting->secret, sizeof meeting->secret);
        meeting->made_s = take_time(cursor);
        meeting->next = cursor_be64(cursor);
        if (memcmp(meeting->other, device->own, sizeof device->own) == 0)
            cursor->failed = true;
    }
    return 0;
}

static void put_partials(struct writer *writer, const struct device *device)
{
    writer_be32(writer, (uint32_t)device->partials.count);
    for (size_t i = 0; i < device->partials.count; i++) {
        const struct partial *partial = &device->partials.all[i];
        writer_put(writer, partial->key_public, sizeof partial->key_public);
        writer_put(writer, partial->author, sizeof partial->author);
        writer_be64(writer, partial->number);
        writer_be64(writer, partial->mask);
        writer_be64(writer, partial->time_s);
        writer_u8(writer, partial->type);
        put_time(writer, partial->came_s);
        writer_be32(writer, (uint32_t)partial->bytes);
        writer_u8(writer, partial->parts);
        writer_put(writer, partial->text, (size_t)partial->parts * GROUP_TEXT_BYTES_MAX);
    }
}

static int take_partial(struct cursor *cursor, struct device *device)
{
    struct partial partial = {.number = 0};
    cursor_copy(cursor, partial.key_public, sizeof partial.key_public);
    cursor_copy(cursor, partial.author, sizeof partial.author);
    partial.number = cursor_be64(cursor);
    partial.mask = cursor_be64(cursor);
    partial.time_s = cursor_be64(cursor);
    partial.type = cursor_u8(cursor);
    partial.came_s = take_time(cursor);
    partial.bytes = cursor_be32(cursor);
    partial.parts = cursor_u8(cursor);
    size_t room = (size_t)partial.parts * GROUP_TEXT_BYTES_MAX;
    const uint8_t *text = cursor_take(cursor, room);
    if (!text || partial.parts == 0 || partial.parts > GROUP_PARTS_MAX || partial.bytes > room)
        return -EBADMSG;
    partial.text = malloc(room);
    if (!partial.text || LIST_ADD(&device->partials)) {
        free(partial.text);
        return -ENOMEM;
    }
    memcpy(partial.text, text, room);
    device->partials.all[device->partials.count++] = partial;
    return 0;
}

static void put_unopened(struct writer *writer, const struct device *device)
{
    writer_be32(writer, (uint32_t)device->unopened.count);
    for (size_t i = 0; i < device->unopened.count; i++) {
        const struct unopened *unopened = &device->unopened.all[i];
        writer_put(writer, unopened->copy, sizeof unopened->copy);
        writer_put(writer, unopened->mailbox_id, sizeof unopened->mailbox_id);
        put_time(writer, unopened->came_s);
        writer_u8(writer, unopened->tried_old);
    }
}

static int take_unopened(struct cursor *cursor, struct device *device)
{
    uint32_t count = cursor_be32(cursor);
    for (uint32_t i = 0; !cursor->failed && i < count; i++) {
        if (LIST_ADD(&device->unopened))
            return -ENOMEM;
        struct unopened *unopened = &device->unopened.all[device->unopened.count++];
        cursor_copy(cursor, unopened->copy, sizeof unopened->copy);
        cursor_copy(cursor, unopened->mailbox_id, sizeof unopened->mailbox_id);
        unopened->came_s = take_time(cursor);
        unopened->tried_old = take_flag(cursor);
    }
    return 0;
}

static void put_gaps(struct writer *writer, const struct device *device)
{
    writer_be32(writer, (uint32_t)device->gaps.count);
    for (size_t i = 0; i < device->gaps.count; i++) {
        const struct gap *gap = &device->gaps.all[i];
        writer_put(writer, gap->group_public, sizeof gap->group_public);
        writer_put(writer, gap->member, sizeof gap->member);
        put_time(writer, gap->since_s);
        writer_be64(writer, gap->reported);
    }
}

static int take_gaps(struct cursor *cursor, struct device *device)
{
    uint32_t count = cursor_be32(cursor);
    for (uint32_t i = 0; !cursor->failed && i < count; i++) {
        if (LIST_ADD(&device->gaps))
            return -ENOMEM;
        struct gap *gap = &device->gaps.all[device->gaps.count++];
        cursor_copy(cursor, gap->group_public, sizeof gap->group_public);
        cursor_copy(cursor, gap->member, sizeof gap->member);
        gap->since_s = take_time(cursor);
        gap->reported = cursor_be64(cursor);
    }
    return 0;
}

/* --- all of it --- */

void device_save(const struct device *device, struct writer *writer)
{
    writer_put(writer, mark, sizeof mark);
    writer_be32(writer, FORMAT);
    put_own(writer, device);
    put_epochs(writer, device);
    group_seen_save(device->seen, writer);
    put_declared(writer, device);
    put_counters(writer, device);
    put_meetings(writer, device);
    put_partials(writer, device);
    put_unopened(writer, device);
    put_gaps(writer, device);
    group_events_save(&device->events, writer);
    outgoing_save(&device->outbox, writer);
}

static int take_lists(struct cursor *cursor, struct device *device)
{
    int err = group_seen_load(device->seen, cursor);
    if (!err)
        err = take_declared(cursor, device);
    if (!err)
        err = take_counters(cursor, device);
    if (!err)
        err = take_meetings(cursor, device);
    uint32_t partials = err ? 0 : cursor_be32(cursor);
    for (uint32_t i = 0; !err && i < partials; i++)
        err = take_partial(cursor, device);
    if (!err)
        err = take_unopened(cursor, device);
    if (!err)
        err = take_gaps(cursor, device);
    if (!err)
        err = group_events_load(&device->events, cursor);
    return err ? err : outgoing_load(&device->outbox, cursor);
}

int device_load(struct device **out, struct cursor *cursor, const struct random_source *random)
{
    struct device *device;
    const uint8_t *begin = cursor_take(cursor, sizeof mark);
    uint32_t format = cursor_be32(cursor);
    if (cursor->failed || memcmp(begin, mark, sizeof mark) != 0)
        return -EBADMSG;
    if (format != FORMAT)
        return -ENOTSUP;
    int err = device_empty(&device, random);
    if (err)
        return err;
    take_own(cursor, device);
    err = cursor->failed ? -EBADMSG : take_epochs(cursor, device);
    if (!err)
        err = take_lists(cursor, device);
    if (!err)
        err = cursor_finish(cursor);
    if (err)
        device_close(device);
    else
        *out = device;
    return err;
}
