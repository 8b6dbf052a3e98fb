#include "group/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "group/message.h"

static void release(struct group_event *event)
{
    if (event->text)
        secret_wipe(event->text, event->bytes);
    free(event->text);
    event->text = NULL;
}

int group_events_add(struct group_events *queue, struct group_event *event)
{
    if (queue->count == queue->room) {
        size_t room = queue->room ? 2 * queue->room : 8;
        struct group_event *events = reallocarray(queue->events, room, sizeof *events);
        if (!events) {
            release(event);
            return -ENOMEM;
        }
        queue->events = events;
        queue->room = room;
    }
    queue->events[queue->count++] = *event;
    return 0;
}

void group_events_drop(struct group_events *queue)
{
    release(&queue->events[0]);
    memmove(queue->events, queue->events + 1, --queue->count * sizeof *queue->events);
}

void group_events_free(struct group_events *queue)
{
    for (size_t i = 0; i < queue->count; i++)
        release(&queue->events[i]);
    free(queue->events);
    *queue = (struct group_events){.events = NULL};
}

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

void group_events_save(const struct group_events *queue, struct writer *writer)
{
    writer_be32(writer, (uint32_t)queue->count);
    for (size_t i = 0; i < queue->count; i++) {
        const struct group_event *event = &queue->events[i];
        writer_u8(writer, (uint8_t)event->kind);
        writer_put(writer, event->author, sizeof event->author);
        writer_put(writer, event->subject, sizeof event->subject);
        put_name(writer, &event->author_name);
        put_name(writer, &event->subject_name);
        writer_be64(writer, event->time_s);
        writer_be64(writer, event->number);
        writer_be64(writer, event->count);
        writer_u8(writer, event->is_late);
        writer_be32(writer, (uint32_t)event->bytes);
        writer_put(writer, event->text, event->bytes);
    }
}

static int load_text(struct group_event *event, struct cursor *cursor)
{
    uint32_t bytes = cursor_be32(cursor);
    if (cursor->failed || bytes > GROUP_LONG_TEXT_BYTES_MAX)
        return -EBADMSG;
    event->text = malloc(bytes + 1);
    if (!event->text)
        return -ENOMEM;
    cursor_copy(cursor, event->text, bytes);
    event->bytes = bytes;
    return 0;
}

int group_events_load(struct group_events *queue, struct cursor *cursor)
{
    uint32_t count = cursor_be32(cursor);
    int err = 0;
    for (uint32_t i = 0; !err && i < count; i++) {
        struct group_event event = {.kind = (enum group_event_kind)cursor_u8(cursor)};
        cursor_copy(cursor, event.author, sizeof event.author);
        cursor_copy(cursor, event.subject, sizeof event.subject);
        take_name(cursor, &event.author_name);
        take_name(cursor, &event.subject_name);
        event.time_s = cursor_be64(cursor);
        event.number = cursor_be64(cursor);
        event.count = cursor_be64(cursor);
        event.is_late = cursor_u8(cursor) != 0;
        if (event.kind < GROUP_EVENT_TEXT || event.kind >= GROUP_EVENT_KINDS)
            return -EBADMSG;
        err = load_text(&event, cursor);
        if (!err)
            err = group_events_add(queue, &event);
    }
    return cursor->failed && !err ? -EBADMSG : err;
}
