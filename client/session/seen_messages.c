#include "session/seen_messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static struct seen_messages_entry *find(struct seen_messages *seen_messages, const uint8_t *message,
                                        size_t bytes)
{
    for (size_t i = 0; i < seen_messages->count; i++)
        if (seen_messages->entries[i].bytes == bytes &&
            (bytes == 0 || secret_equal(seen_messages->entries[i].message, message, bytes)))
            return &seen_messages->entries[i];
    return NULL;
}

static struct seen_messages_entry *append(struct seen_messages *seen_messages,
                                          const uint8_t *message, size_t bytes)
{
    void *wider = reallocarray(seen_messages->entries, seen_messages->count + 1,
                               sizeof *seen_messages->entries);
    if (!wider)
        return NULL;
    seen_messages->entries = wider;
    uint8_t *copy = secret_alloc(bytes);
    if (!copy)
        return NULL;
    if (bytes > 0)
        memcpy(copy, message, bytes);
    struct seen_messages_entry *entry = &seen_messages->entries[seen_messages->count++];
    *entry = (struct seen_messages_entry){.message = copy, .bytes = bytes};
    return entry;
}

static enum seen_messages_news news_of(struct seen_messages *seen_messages,
                                       struct seen_messages_entry *entry, size_t times)
{
    bool restored = entry->restored;
    entry->restored = false;
    if (times <= entry->shown)
        return restored ? SEEN_MESSAGES_RESTORED : SEEN_MESSAGES_KNOWN;
    entry->shown = times;
    seen_messages->changes++;
    if (times > 1)
        return SEEN_MESSAGES_AGAIN;
    seen_messages->shown++;
    return SEEN_MESSAGES_NEW;
}

int seen_messages_add(struct seen_messages *seen_messages, size_t source, const uint8_t *message,
                      size_t bytes, enum seen_messages_news *news, size_t *number)
{
    INVARIANT(source < SEEN_MESSAGES_SOURCES_MAX);
    struct seen_messages_entry *entry = find(seen_messages, message, bytes);
    if (!entry)
        entry = append(seen_messages, message, bytes);
    if (!entry)
        return -ENOMEM;
    size_t times = ++entry->this_session[source];
    *news = news_of(seen_messages, entry, times);
    *number = (size_t)(entry - seen_messages->entries) + 1;
    return 0;
}

void seen_messages_renew(struct seen_messages *seen_messages, size_t source)
{
    INVARIANT(source < SEEN_MESSAGES_SOURCES_MAX);
    for (size_t i = 0; i < seen_messages->count; i++)
        seen_messages->entries[i].this_session[source] = 0;
}

void seen_messages_put(const struct seen_messages *seen_messages, struct writer *to)
{
    writer_be32(to, (uint32_t)seen_messages->count);
    for (size_t i = 0; i < seen_messages->count; i++) {
        const struct seen_messages_entry *entry = &seen_messages->entries[i];
        writer_be32(to, (uint32_t)entry->shown);
        writer_be32(to, (uint32_t)entry->bytes);
        writer_put(to, entry->message, entry->bytes);
    }
}

int seen_messages_take(struct seen_messages *seen_messages, struct cursor *from)
{
    uint32_t count = cursor_be32(from);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t shown = cursor_be32(from), bytes = cursor_be32(from);
        const uint8_t *message = cursor_take(from, bytes);
        if (from->failed || find(seen_messages, message, bytes))
            return -EBADMSG;
        struct seen_messages_entry *entry = append(seen_messages, message, bytes);
        if (!entry)
            return -ENOMEM;
        entry->shown = shown;
        entry->restored = shown > 0;
        seen_messages->shown += shown > 0;
    }
    return from->failed ? -EBADMSG : 0;
}

void seen_messages_clear(struct seen_messages *seen_messages)
{
    for (size_t i = 0; i < seen_messages->count; i++)
        secret_free(seen_messages->entries[i].message);
    free(seen_messages->entries);
    *seen_messages = (struct seen_messages){0};
}
