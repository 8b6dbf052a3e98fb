/* A hash table keyed by 32-byte ids. */
#ifndef REUNION_BASE_ID_TABLE_H
#define REUNION_BASE_ID_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { ID_TABLE_KEY_BYTES = 32 };

/* DESIGN: open addressing in a power of two of slots, hashed with a key drawn for each table:
 * strangers choose the ids, and must not be able to choose collisions. The id stays inside the
 * value; the table borrows both. Nothing is ever removed. For one thread. */
struct id_table {
    struct id_table_slot *slots;
    size_t capacity; /* 0 or a power of two, at most three quarters taken */
    size_t count;
    uint8_t hash_key[16];
};

void id_table_open(struct id_table *table);

/* The value of `id`, or NULL. */
void *id_table_find(const struct id_table *table, const uint8_t id[static ID_TABLE_KEY_BYTES]);

/* Put a value whose id stands nowhere in the table yet; `id` must live as long as the table.
 * Returns: 0, -ENOMEM. */
MUST_CHECK int id_table_insert(struct id_table *table, const uint8_t id[static ID_TABLE_KEY_BYTES],
                               void *value);

/* Walk all values: start with *place = 0, ends with NULL. In no order. */
void *id_table_next(const struct id_table *table, size_t *slot);

/* Release the table, not the values. */
void id_table_close(struct id_table *table);

#endif
