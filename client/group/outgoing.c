#include "group/outgoing.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static uint64_t all_parts(const struct outgoing *message)
{
    return UINT64_MAX >> (GROUP_PARTS_MAX - message->parts);
}

static void release(struct outgoing *message)
{
    secret_free(message->kept);
    free(message->recipients);
}

static int make_room(struct outgoing_list *outbox)
{
    if (outbox->count < outbox->room)
        return 0;
    size_t room = outbox->room ? 2 * outbox->room : 8;
    struct outgoing *all = reallocarray(outbox->all, room, sizeof *all);
    if (!all)
        return -ENOMEM;
    outbox->all = all;
    outbox->room = room;
    return 0;
}

int outgoing_add(struct outgoing_list *outbox, const struct outgoing *message)
{
    struct outgoing made = *message;
    int err = make_room(outbox);
    if (err)
        return err;
    made.id = outbox->next_id;
    size_t parts = (made.bytes + GROUP_TEXT_BYTES_MAX - 1) / GROUP_TEXT_BYTES_MAX;
    made.parts = (uint8_t)(parts > 0 ? parts : 1);
    made.text = made.kept = secret_alloc(made.bytes + 1);
    made.recipients = calloc(made.count + 1, sizeof *made.recipients);
    if (!made.text || !made.recipients) {
        release(&made);
        return -ENOMEM;
    }
    if (made.bytes > 0)
        memcpy(made.kept, message->text, made.bytes);
    for (size_t i = 0; i < made.count; i++) {
        made.recipients[i] = message->recipients[i];
        made.recipients[i].left = all_parts(&made);
    }
    outbox->next_id++;
    outbox->all[outbox->count++] = made;
    return 0;
}

void outgoing_drop(struct outgoing_list *outbox, size_t at)
{
    release(&outbox->all[at]);
    memmove(outbox->all + at, outbox->all + at + 1, (--outbox->count - at) * sizeof *outbox->all);
}

bool outgoing_drop_recipient(struct outgoing_list *outbox, size_t at, size_t recipient)
{
    struct outgoing *message = &outbox->all[at];
    memmove(message->recipients + recipient, message->recipients + recipient + 1,
            (--message->count - recipient) * sizeof *message->recipients);
    if (message->count > 0)
        return false;
    outgoing_drop(outbox, at);
    return true;
}

struct outgoing *outgoing_find(struct outgoing_list *outbox, uint64_t id)
{
    for (size_t i = 0; i < outbox->count; i++)
        if (outbox->all[i].id == id)
            return &outbox->all[i];
    return NULL;
}

void outgoing_free(struct outgoing_list *outbox)
{
    for (size_t i = 0; i < outbox->count; i++)
        release(&outbox->all[i]);
    free(outbox->all);
    *outbox = (struct outgoing_list){.all = NULL};
}

static void put_message(struct writer *writer, const struct outgoing *message)
{
    writer_be64(writer, message->id);
    writer_u8(writer, (uint8_t)message->key);
    writer_u8(writer, message->type);
    writer_u8(writer, message->is_repeated);
    writer_put(writer, message->group_public, sizeof message->group_public);
    writer_be32(writer, message->epoch);
    writer_be64(writer, message->number);
    writer_be64(writer, message->time_s);
    writer_be64(writer, (uint64_t)message->made_s);
    writer_be32(writer, (uint32_t)message->bytes);
    writer_put(writer, message->text, message->bytes);
    writer_u8(writer, (uint8_t)message->count);
    for (size_t i = 0; i < message->count; i++) {
        const struct recipient *recipient = &message->recipients[i];
        writer_put(writer, recipient->member, sizeof recipient->member);
        writer_be64(writer, recipient->left);
        writer_be32(writer, recipient->rounds);
        writer_be64(writer, (uint64_t)recipient->due_s);
    }
}

void outgoing_save(const struct outgoing_list *outbox, struct writer *writer)
{
    writer_be64(writer, outbox->next_id);
    writer_be32(writer, (uint32_t)outbox->count);
    for (size_t i = 0; i < outbox->count; i++)
        put_message(writer, &outbox->all[i]);
}

static void take_head(struct cursor *cursor, struct outgoing *message)
{
    message->id = cursor_be64(cursor);
    message->key = (enum outgoing_key)cursor_u8(cursor);
    message->type = cursor_u8(cursor);
    message->is_repeated = cursor_u8(cursor) != 0;
    cursor_copy(cursor, message->group_public, sizeof message->group_public);
    message->epoch = cursor_be32(cursor);
    message->number = cursor_be64(cursor);
    message->time_s = cursor_be64(cursor);
    message->made_s = (int64_t)cursor_be64(cursor);
}

static int load_message(struct outgoing_list *outbox, struct cursor *cursor)
{
    struct recipient recipients[GROUP_MEMBERS_MAX];
    uint64_t left[GROUP_MEMBERS_MAX];
    struct outgoing message = {.recipients = recipients};
    take_head(cursor, &message);
    message.bytes = cursor_be32(cursor);
    const uint8_t *text = cursor_take(cursor, message.bytes);
    message.count = cursor_u8(cursor);
    if (cursor->failed || message.count > GROUP_MEMBERS_MAX || message.key < BY_GROUP ||
        message.key > BY_MEETING || message.bytes > OUTGOING_TEXT_BYTES_MAX)
        return -EBADMSG;
    for (size_t i = 0; i < message.count; i++) {
        cursor_copy(cursor, recipients[i].member, sizeof recipients[i].member);
        left[i] = cursor_be64(cursor);
        recipients[i].rounds = cursor_be32(cursor);
        recipients[i].due_s = (int64_t)cursor_be64(cursor);
    }
    uint64_t id = message.id;
    message.text = text;
    int err = outgoing_add(outbox, &message);
    if (err)
        return err;
    struct outgoing *added = &outbox->all[outbox->count - 1];
    added->id = id;
    for (size_t i = 0; i < added->count; i++)
        added->recipients[i].left = left[i] & all_parts(added);
    return 0;
}

int outgoing_load(struct outgoing_list *outbox, struct cursor *cursor)
{
    uint64_t next_id = cursor_be64(cursor);
    uint32_t count = cursor_be32(cursor);
    int err = cursor->failed ? -EBADMSG : 0;
    for (uint32_t i = 0; !err && i < count; i++)
        err = load_message(outbox, cursor);
    outbox->next_id = next_id;
    return cursor->failed && !err ? -EBADMSG : err;
}
