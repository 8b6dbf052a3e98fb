#include "compat/view.h"

#include "service/state.h"

/* Whether a bucket has T1s, but for one, that a commit after number `published` showed. What is
 * evicted has been there from the start, or for so long that nobody asks for it. */
static bool brings_new(const struct bucket *bucket, const struct t1_entry *but, uint64_t published)
{
    const struct content *content = bucket->content;
    for (uint32_t i = 0; content && i < content->t1_count; i++)
        if (content->t1[i] != but && content->t1[i]->entry.published > published)
            return true;
    return false;
}

/* Whether a bucket has T1s, but for one. */
static bool has_others(const struct bucket *bucket, const struct t1_entry *but)
{
    return bucket->t1_visible > (but->bucket == bucket ? 1 : 0);
}

/* Whether there are T1s that `t1` has not got in the round before (NULL: it had none). */
static bool has_new_t1s(const struct reference *reference, const struct t1_entry *t1,
                        const struct round_note *before, int64_t now_s)
{
    const struct table *table = &reference->service->table;
    uint32_t shown = 0;
    for (const struct bucket *bucket = table_newest(table, table_place(table, NULL), now_s);
         bucket && shown++ < reference->settings.buckets_max;
         bucket = table_older(table, bucket, now_s))
        if (before ? brings_new(bucket, t1, before->published) : has_others(bucket, t1))
            return true;
    return false;
}

void view_round(struct reference *reference, const uint8_t t1_id[static ID_BYTES])
{
    struct service *service = reference->service;
    int64_t now_s = clock_wall_s(service->clock);
    struct round_note before, begun = {.began_ms = clock_monotonic_ms(service->clock)};
    bool first = rounds_find(&reference->rounds, t1_id, &before) != 0;
    pthread_rwlock_rdlock(&service->lock);
    const struct t1_entry *t1 = table_find_t1(&service->table, t1_id, now_s);
    bool is_client = t1 && !t1->keyed;
    if (is_client) {
        begun.published = service->table.published;
        begun.works = has_new_t1s(reference, t1, first ? NULL : &before, now_s);
    }
    pthread_rwlock_unlock(&service->lock);
    /* Two rounds of one T1 at once are nobody's. */
    if (is_client)
        rounds_begin(&reference->rounds, t1_id, &begun);
}

bool view_shows(struct reference *reference, const struct entry *entry, int64_t now_s,
                int64_t now_ms)
{
    const struct table *table = &reference->service->table;
    struct round_note round;
    if (entry->kind == RECORD_T1)
        return true;
    const uint8_t *bytes = entry_bytes(entry);
    const struct t1_entry *addressee = table_find_t1(table, record_addressee(bytes), now_s);
    if (!addressee || addressee->keyed)
        return true;
    const struct t1_entry *sender = table_find_t1(table, bytes, now_s);
    if (!sender || !sender->keyed || sender->entry.published == 0 ||
        rounds_find(&reference->rounds, addressee->id, &round))
        return true;
    return !round.works || sender->entry.published <= round.published ||
           now_ms - round.began_ms >= REFERENCE_ROUND_MS_MAX;
}
