#include "base/secret_pool.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/secret.h"

enum { SLAB_SLOTS = 64 };

struct secret_slab {
    struct secret_slab *older;
    size_t taken;
    uint8_t *slots; /* guarded */
};

struct secret_free_slot {
    struct secret_free_slot *next;
};

void secret_pool_open(struct secret_pool *pool, size_t slot_bytes)
{
    INVARIANT(slot_bytes > 0 && slot_bytes % 16 == 0);
    *pool = (struct secret_pool){.slot_bytes = slot_bytes};
}

static struct secret_slab *slab_new(size_t slot_bytes, struct secret_slab *older)
{
    struct secret_slab *slab = malloc(sizeof *slab);
    uint8_t *slots = secret_alloc(slot_bytes * SLAB_SLOTS);
    if (!slab || !slots) {
        free(slab);
        secret_free(slots);
        return NULL;
    }
    *slab = (struct secret_slab){.older = older, .taken = 0, .slots = slots};
    return slab;
}

void *secret_pool_take(struct secret_pool *pool)
{
    struct secret_free_slot *slot = pool->free;
    if (slot) {
        pool->free = slot->next;
        slot->next = NULL;
        return slot;
    }
    if (!pool->newest || pool->newest->taken == SLAB_SLOTS) {
        struct secret_slab *slab = slab_new(pool->slot_bytes, pool->newest);
        if (!slab)
            return NULL;
        pool->newest = slab;
    }
    return pool->newest->slots + pool->slot_bytes * pool->newest->taken++;
}

void secret_pool_give(struct secret_pool *pool, void *slot)
{
    if (!slot)
        return;
    secret_wipe(slot, pool->slot_bytes);
    struct secret_free_slot *given = slot;
    given->next = pool->free;
    pool->free = given;
}

void secret_pool_close(struct secret_pool *pool)
{
    while (pool->newest) {
        struct secret_slab *slab = pool->newest;
        pool->newest = slab->older;
        secret_free(slab->slots);
        free(slab);
    }
    pool->free = NULL;
}
