#include "service/reference_view.h"

enum {
    T2_HELD_MS_MAX = 30 * 1000,
    T3_HELD_MS = 1500,
    ANSWER_MS = 250, /* from a post's commit until its answer has been put together */
};

void reference_view_note(struct service *service, int64_t now_s)
{
    int64_t now_ms = clock_monotonic_ms(service->clock);
    for (size_t i = 0; i < service->batch.count; i++) {
        struct entry *entry = service->batch.changes[i].entry;
        if (!entry)
            continue;
        entry->shown_ms = now_ms;
        if (entry->kind != RECORD_T2)
            continue;
        struct t1_entry *sender = table_sender(&service->table, entry_bytes(entry), now_s);
        if (sender)
            sender->t2_shown_ms = now_ms;
    }
}

/* Whether the addressee will know the sender's T1 when it sees the T2. */
static bool knows(const struct t1_entry *addressee, const struct t1_entry *sender, int64_t now_ms)
{
    if (addressee->entry.shown_ms >= sender->entry.shown_ms)
        return true;
    return addressee->t2_shown_ms > sender->entry.shown_ms &&
           now_ms - addressee->t2_shown_ms >= ANSWER_MS;
}

bool reference_view_shows(const struct service *service, const struct entry *entry, int64_t now_s,
                          int64_t now_ms)
{
    int64_t stood_ms = now_ms - entry->shown_ms;
    if (entry->kind == RECORD_T1 || entry->shown_ms == 0 || stood_ms >= T2_HELD_MS_MAX)
        return true;
    const uint8_t *bytes = entry_bytes(entry);
    const struct t1_entry *sender = table_find_t1(&service->table, bytes, now_s);
    const struct t1_entry *addressee =
        table_find_t1(&service->table, record_addressee(bytes), now_s);
    if (!sender || !sender->keyed || !addressee || addressee->keyed)
        return true;
    return entry->kind == RECORD_T3 ? stood_ms >= T3_HELD_MS : knows(addressee, sender, now_ms);
}
