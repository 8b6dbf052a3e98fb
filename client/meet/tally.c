#include "meet/tally.h"

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

int tally_add(struct tally *tally, const uint8_t *message, size_t bytes, bool *show)
{
    struct tally_entry *entry = find(tally, message, bytes);
    if (!entry)
        entry = append(tally, message, bytes);
    if (!entry)
        return -ENOMEM;
    entry->this_session++;
    *show = entry->this_session > entry->shown;
    if (*show)
        entry->shown = entry->this_session;
    return 0;
}

void tally_renew(struct tally *tally)
{
    for (size_t i = 0; i < tally->count; i++)
        tally->entries[i].this_session = 0;
}

void tally_clear(struct tally *tally)
{
    for (size_t i = 0; i < tally->count; i++)
        secret_free(tally->entries[i].message);
    free(tally->entries);
    *tally = (struct tally){0};
}
