#include "bucket/index.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_AT_FIRST = 16 };

_Static_assert(INDEX_KEY_BYTES == crypto_shorthash_KEYBYTES, "SipHash's key");

uint64_t index_hash(const uint8_t key[static INDEX_KEY_BYTES], const void *data, size_t bytes)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, data, bytes, key);
    return hash;
}

static struct index_node **slot_of(struct index_node **slots, size_t slot_count, uint64_t hash)
{
    return &slots[hash & (slot_count - 1)];
}

static void push(struct index_node **slot, struct index_node *node)
{
    node->next = *slot;
    *slot = node;
}

static void grow(struct index *index)
{
    size_t slot_count = index->slot_count ? 2 * index->slot_count : SLOTS_AT_FIRST;
    struct index_node **slots = calloc(slot_count, sizeof *slots);
    if (!slots)
        return;
    for (size_t i = 0; i < index->slot_count; i++) {
        for (struct index_node *node = index->slots[i], *next; node; node = next) {
            next = node->next;
            push(slot_of(slots, slot_count, node->hash), node);
        }
    }
    free(index->slots);
    index->slots = slots;
    index->slot_count = slot_count;
}

int index_insert(struct index *index, struct index_node *node, uint64_t hash)
{
    if (index->count >= index->slot_count)
        grow(index);
    if (!index->slots)
        return -ENOMEM;
    node->hash = hash;
    push(slot_of(index->slots, index->slot_count, hash), node);
    index->count++;
    return 0;
}

void index_remove(struct index *index, struct index_node *node)
{
    struct index_node **at = slot_of(index->slots, index->slot_count, node->hash);
    while (*at != node) {
        INVARIANT(*at);
        at = &(*at)->next;
    }
    *at = node->next;
    index->count--;
}

static struct index_node *skip_to(struct index_node *node, uint64_t hash)
{
    while (node && node->hash != hash)
        node = node->next;
    return node;
}

struct index_node *index_first(const struct index *index, uint64_t hash)
{
    return index->slots ? skip_to(*slot_of(index->slots, index->slot_count, hash), hash) : NULL;
}

struct index_node *index_next(const struct index_node *node)
{
    return skip_to(node->next, node->hash);
}

void index_free(struct index *index)
{
    free(index->slots);
    *index = (struct index){0};
}
