#include "session/seen_messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static struct tally_entry *find(struct tally *tally, const uint8_t *message, size_t bytes)
{
    for (size_t i = 0; i < tally->count; i++)
        if (tally->entries[i].bytes == bytes &&
            (bytes == 0 || secret_equal(tally->entries[i].message, message, bytes)))
            return &tally->entries[i];
    return NULL;
}

static struct tally_entry *append(struct tally *tally, const uint8_t *message, size_t bytes)
{
    void *wider = reallocarray(tally->entries, tally->count + 1, sizeof *tally->entries);
    if (!wider)
        return NULL;
    tally->entries = wider;
    uint8_t *copy = secret_alloc(bytes);
    if (!copy)
        return NULL;
    if (bytes > 0)
        memcpy(copy, message, bytes);
    struct tally_entry *entry = &tally->entries[tally->count++];
    *entry = (struct tally_entry){.message = copy, .bytes = bytes};
    return entry;
}

static enum tally_news news_of(struct tally *tally, struct tally_entry *entry, size_t times)
{
    bool restored = entry->restored;
    entry->restored = false;
    if (times <= entry->shown)
        return restored ? TALLY_RESTORED : TALLY_KNOWN;
    entry->shown = times;
    tally->changes++;
    if (times > 1)
        return TALLY_AGAIN;
    tally->shown++;
    return TALLY_NEW;
}

int tally_add(struct tally *tally, size_t source, const uint8_t *message, size_t bytes,
              enum tally_news *news, size_t *number)
{
    INVARIANT(source < TALLY_SOURCES_MAX);
    struct tally_entry *entry = find(tally, message, bytes);
    if (!entry)
        entry = append(tally, message, bytes);
    if (!entry)
        return -ENOMEM;
    size_t times = ++entry->this_session[source];
    *news = news_of(tally, entry, times);
    *number = (size_t)(entry - tally->entries) + 1;
    return 0;
}

void tally_renew(struct tally *tally, size_t source)
{
    INVARIANT(source < TALLY_SOURCES_MAX);
    for (size_t i = 0; i < tally->count; i++)
        tally->entries[i].this_session[source] = 0;
}

void tally_put(const struct tally *tally, struct writer *to)
{
    writer_be32(to, (uint32_t)tally->count);
    for (size_t i = 0; i < tally->count; i++) {
        const struct tally_entry *entry = &tally->entries[i];
        writer_be32(to, (uint32_t)entry->shown);
        writer_be32(to, (uint32_t)entry->bytes);
        writer_put(to, entry->message, entry->bytes);
    }
}

int tally_take(struct tally *tally, struct cursor *from)
{
    uint32_t count = cursor_be32(from);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t shown = cursor_be32(from), bytes = cursor_be32(from);
        const uint8_t *message = cursor_take(from, bytes);
        if (from->failed || find(tally, message, bytes))
            return -EBADMSG;
        struct tally_entry *entry = append(tally, message, bytes);
        if (!entry)
            return -ENOMEM;
        entry->shown = shown;
        entry->restored = shown > 0;
        tally->shown += shown > 0;
    }
    return from->failed ? -EBADMSG : 0;
}

void tally_clear(struct tally *tally)
{
    for (size_t i = 0; i < tally->count; i++)
        secret_free(tally->entries[i].message);
    free(tally->entries);
    *tally = (struct tally){0};
}
