#include "bucket/entry.h"

#include <stdlib.h>
#include <string.h>

struct t1_entry *t1_new(const struct t1_draft *draft)
{
    struct t1_entry *t1 = calloc(1, sizeof *t1);
    if (!t1)
        return NULL;
    t1->entry.kind = RECORD_T1;
    t1->keyed = draft->keyed;
    memcpy(t1->id, draft->id, ID_BYTES);
    if (draft->keyed)
        memcpy(t1->key_hash, draft->key_hash, ID_BYTES);
    memcpy(t1->bytes, draft->bytes, RECORD_T1_BYTES);
    t1->stamp = t1->staged = draft->stamp;
    return t1;
}

struct record_entry *record_new(enum record_kind kind,
                                const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    struct record_entry *record = calloc(1, sizeof *record);
    if (!record)
        return NULL;
    record->entry.kind = kind;
    memcpy(record->bytes, bytes, RECORD_ADDRESSED_BYTES);
    return record;
}

const uint8_t *entry_bytes(const struct entry *entry)
{
    return entry->kind == RECORD_T1 ? ((const struct t1_entry *)entry)->bytes
                                    : ((const struct record_entry *)entry)->bytes;
}

uint64_t entry_order(const struct entry *entry, const uint8_t key[static INDEX_KEY_BYTES])
{
    /* No kind of record: apart from what records are indexed by under the same key. */
    uint8_t hashed[1 + RECORD_T1_BYTES];
    size_t bytes = entry->kind == RECORD_T1 ? RECORD_T1_BYTES : RECORD_ADDRESSED_BYTES;
    hashed[0] = (uint8_t)(0xf0 | entry->kind);
    memcpy(hashed + 1, entry_bytes(entry), bytes);
    return index_hash(key, hashed, 1 + bytes);
}

uint32_t *t1_unaddressed(struct t1_entry *t1, enum record_kind kind)
{
    return kind == RECORD_T2 ? &t1->unaddressed_t2 : &t1->unaddressed_t3;
}

bool record_to_everybody(const uint8_t bytes[static RECORD_ADDRESSED_BYTES])
{
    static const uint8_t everybody[ID_BYTES];
    return memcmp(record_addressee(bytes), everybody, ID_BYTES) == 0;
}
