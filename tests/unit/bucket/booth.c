#include "booth.h"

#include <string.h>

#include "bucket/need.h"

void booth_open(struct booth *booth, uint32_t capacity)
{
    const struct bucket_rules rules = {
        .capacity = capacity,
        .keyless_max = capacity,
        .places_max = 2,
        .open_window_s = 3600,
        .lifetime_s = 86400,
        .keyless_t3_max = 3,
        .unaddressed_max = 2,
        .records_per_sender_max = 100,
        .buckets_max = 100,
        .cache_bytes_max = SIZE_MAX,
    };
    booth->seeded = seeded_open();
    booth->random = seeded_source(&booth->seeded);
    booth->batch = (struct batch){0};
    table_init(&booth->table, &rules, &booth->random);
    links_init(&booth->links, &booth->table, 1000);
}

void booth_close(struct booth *booth)
{
    booth_rollback(booth);
    batch_free(&booth->batch);
    table_free(&booth->table);
}

void booth_t1(struct booth *booth, struct booth_t1 *t1, bool keyed)
{
    t1->draft = (struct t1_draft){.bytes = t1->bytes, .keyed = keyed};
    random_fill(&booth->random, t1->bytes, sizeof t1->bytes);
    random_fill(&booth->random, t1->draft.id, sizeof t1->draft.id);
    random_fill(&booth->random, t1->draft.key_hash, sizeof t1->draft.key_hash);
}

int booth_stage(struct booth *booth, struct booth_t1 *t1, int64_t now_s)
{
    struct t1_entry *standing;
    return table_stage_t1(&booth->table, &booth->batch, &t1->draft, booth->batch.count, now_s,
                          &standing);
}

void booth_publish(struct booth *booth)
{
    batch_publish(&booth->batch);
    batch_clear(&booth->batch);
    struct bucket *dead = table_take_dead(&booth->table);
    while (dead) {
        struct bucket *next = dead->older;
        bucket_free(dead);
        dead = next;
    }
}

void booth_rollback(struct booth *booth)
{
    batch_rollback(&booth->batch, 0);
}

int booth_send(struct booth *booth, struct bucket *bucket, enum record_kind kind,
               const struct booth_t1 *sender, const struct booth_t1 *addressee, uint8_t body)
{
    uint8_t record[RECORD_ADDRESSED_BYTES];
    struct t1_entry *entry;
    booth_record(record, sender, addressee, body);
    int err = table_need_t1(&booth->table, sender->draft.id, NOON_S, &entry);
    if (err)
        return err;
    return addressee ? table_stage_record(&booth->table, &booth->batch, bucket, entry, kind, record,
                                          NOON_S)
                     : table_stage_unaddressed(&booth->table, &booth->batch, entry, kind, record);
}

struct bucket *booth_bucket(struct booth *booth, const struct booth_t1 *t1)
{
    struct t1_entry *entry = table_sender(&booth->table, t1->draft.id, INT64_MIN);
    return entry ? entry->bucket : NULL;
}

void booth_record(uint8_t record[static RECORD_ADDRESSED_BYTES], const struct booth_t1 *sender,
                  const struct booth_t1 *addressee, uint8_t body)
{
    memset(record, 0, RECORD_ADDRESSED_BYTES);
    memcpy(record, sender->draft.id, ID_BYTES);
    if (addressee)
        memcpy(record + ID_BYTES, addressee->draft.id, ID_BYTES);
    memset(record + 2 * ID_BYTES, body, RECORD_BODY_BYTES);
}
