#include "base/id_table.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct id_table_slot {
    const uint8_t *id;
    void *value; /* NULL: nothing stands here */
};

void id_table_open(struct id_table *table)
{
    _Static_assert(sizeof table->hash_key == crypto_shorthash_KEYBYTES, "SipHash key");
    *table = (struct id_table){.slots = NULL};
    crypto_shorthash_keygen(table->hash_key);
}

/* The place of `id`, or the empty one where it would stand. */
static struct id_table_slot *slot_of(const struct id_table *table, struct id_table_slot *slots,
                                     size_t capacity, const uint8_t id[static ID_TABLE_KEY_BYTES])
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, id, ID_TABLE_KEY_BYTES, table->hash_key);
    size_t at = (size_t)hash & (capacity - 1);
    while (slots[at].value && memcmp(slots[at].id, id, ID_TABLE_KEY_BYTES) != 0)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

void *id_table_find(const struct id_table *table, const uint8_t id[static ID_TABLE_KEY_BYTES])
{
    if (table->capacity == 0)
        return NULL;
    return slot_of(table, table->slots, table->capacity, id)->value;
}

static int grow(struct id_table *table)
{
    size_t capacity = table->capacity ? 2 * table->capacity : 64;
    struct id_table_slot *slots = calloc(capacity, sizeof *slots);
    if (!slots)
        return -ENOMEM;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i].value)
            *slot_of(table, slots, capacity, table->slots[i].id) = table->slots[i];
    free(table->slots);
    table->slots = slots;
    table->capacity = capacity;
    return 0;
}

int id_table_insert(struct id_table *table, const uint8_t id[static ID_TABLE_KEY_BYTES],
                    void *value)
{
    if (4 * (table->count + 1) > 3 * table->capacity) {
        int err = grow(table);
        if (err)
            return err;
    }
    struct id_table_slot *slot = slot_of(table, table->slots, table->capacity, id);
    INVARIANT(value && !slot->value);
    *slot = (struct id_table_slot){id, value};
    table->count++;
    return 0;
}

void *id_table_next(const struct id_table *table, size_t *slot)
{
    while (*slot < table->capacity) {
        void *value = table->slots[(*slot)++].value;
        if (value)
            return value;
    }
    return NULL;
}

void id_table_close(struct id_table *table)
{
    free(table->slots);
    *table = (struct id_table){.slots = NULL};
}
