#include "bucket/index.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_AT_FIRST = 16, MOVED_AT_ONCE = 4 };

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

/* Where the chain of a hash begins. While growing is under way a chain is whole, in its old slot or
 * in the new ones. */
static struct index_node **home_of(const struct index *index, uint64_t hash)
{
    if (index->old_slots) {
        struct index_node **old = slot_of(index->old_slots, index->old_count, hash);
        if (*old)
            return old;
    }
    return slot_of(index->slots, index->slot_count, hash);
}

static void push(struct index_node **slot, struct index_node *node)
{
    node->next = *slot;
    *slot = node;
}

static void begin_growing(struct index *index)
{
    size_t slot_count = index->slot_count ? 2 * index->slot_count : SLOTS_AT_FIRST;
    struct index_node **slots = calloc(slot_count, sizeof *slots);
    if (!slots)
        return;
    index->old_slots = index->slots;
    index->old_count = index->slot_count;
    index->moved = 0;
    index->slots = slots;
    index->slot_count = slot_count;
}

static void move_slot(struct index *index, struct index_node **old)
{
    for (struct index_node *node = *old, *next; node; node = next) {
        next = node->next;
        push(slot_of(index->slots, index->slot_count, node->hash), node);
    }
    *old = NULL;
}

/* Move the old slot of a hash that is about to come in, and the next few. As many insertions as
 * there are old slots are to come before the index has to grow again, so that is soon enough. */
static void go_on_growing(struct index *index, uint64_t hash)
{
    move_slot(index, slot_of(index->old_slots, index->old_count, hash));
    for (int i = 0; i < MOVED_AT_ONCE && index->moved < index->old_count; i++)
        move_slot(index, &index->old_slots[index->moved++]);
    if (index->moved == index->old_count) {
        free(index->old_slots);
        index->old_slots = NULL;
    }
}

int index_insert(struct index *index, struct index_node *node, uint64_t hash)
{
    if (index->count >= index->slot_count && !index->old_slots)
        begin_growing(index);
    if (!index->slots)
        return -ENOMEM;
    if (index->old_slots)
        go_on_growing(index, hash);
    node->hash = hash;
    push(slot_of(index->slots, index->slot_count, hash), node);
    index->count++;
    return 0;
}

void index_remove(struct index *index, struct index_node *node)
{
    struct index_node **at = home_of(index, node->hash);
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
    return index->slots ? skip_to(*home_of(index, hash), hash) : NULL;
}

struct index_node *index_next(const struct index_node *node)
{
    return skip_to(node->next, node->hash);
}

void index_free(struct index *index)
{
    free(index->slots);
    free(index->old_slots);
    *index = (struct index){0};
}
