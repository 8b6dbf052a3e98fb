#include "service/reference_view.h"

void reference_view_note(struct service *service)
{
    int64_t now_ms = clock_monotonic_ms(service->clock);
    for (size_t i = 0; i < service->batch.count; i++) {
        struct entry *entry = service->batch.staged[i].entry;
        if (entry)
            entry->shown_ms = now_ms;
    }
}

/* Whether a bucket has T1s since a time, but for one. What is evicted has been there from the
 * start, or for so long that nobody asks for it. */
static bool brings_new(const struct bucket *bucket, const struct t1_entry *but, int64_t since_ms)
{
    const struct content *content = bucket->content;
    if (!content)
        return since_ms == 0 && bucket->t1_visible > 0;
    for (uint32_t i = 0; i < content->t1_count; i++)
        if (content->t1[i] != but && content->t1[i]->entry.shown_ms >= since_ms)
            return true;
    return false;
}

/* Whether there are T1s that `t1` has not got in an earlier round. */
static bool has_new_t1s(const struct service *service, const struct t1_entry *t1, int64_t now_s)
{
    int64_t before_ms = atomic_load(&t1->round_ms);
    uint32_t shown = 0;
    for (const struct bucket *bucket =
             table_newest(&service->table, table_place(&service->table, NULL), now_s);
         bucket && shown++ < service->settings.reference_buckets;
         bucket = table_older(&service->table, bucket, now_s))
        if (brings_new(bucket, t1, before_ms))
            return true;
    return false;
}

void reference_view_round(struct service *service, const uint8_t t1_id[static ID_BYTES])
{
    int64_t now_s = clock_wall_s(service->clock), now_ms = clock_monotonic_ms(service->clock);
    pthread_rwlock_rdlock(&service->lock);
    struct t1_entry *t1 = table_sender(&service->table, t1_id, now_s);
    if (t1 && t1->entry.visible && !t1->keyed) {
        /* Readers share the lock, hence the atomics; two rounds of one T1 at once are nobody's. */
        atomic_store(&t1->works, has_new_t1s(service, t1, now_s));
        atomic_store(&t1->round_ms, now_ms);
    }
    pthread_rwlock_unlock(&service->lock);
}

bool reference_view_shows(const struct service *service, const struct entry *entry, int64_t now_s,
                          int64_t now_ms)
{
    if (entry->kind == RECORD_T1)
        return true;
    const uint8_t *bytes = entry_bytes(entry);
    const struct t1_entry *addressee =
        table_find_t1(&service->table, record_addressee(bytes), now_s);
    if (!addressee || addressee->keyed || !atomic_load(&addressee->works))
        return true;
    const struct t1_entry *sender = table_find_t1(&service->table, bytes, now_s);
    int64_t round_ms = atomic_load(&addressee->round_ms);
    return !sender || !sender->keyed || sender->entry.shown_ms < round_ms ||
           now_ms - round_ms >= REFERENCE_ROUND_MS_MAX;
}
