/* A pool of small secrets of one size in guarded memory. */
#ifndef REUNION_BASE_SECRET_POOL_H
#define REUNION_BASE_SECRET_POOL_H

#include <stddef.h>

#include "base/err.h"

/* DESIGN: guarded memory comes in whole pages with guard pages around; a pool takes it a slab at a
 * time and hands out slots. A slot that is given back is wiped and handed out again; the slabs go
 * back with the pool. For one thread. */
struct secret_pool {
    size_t slot_bytes;
    struct secret_slab *newest;
    struct secret_free_slot *free; /* given back; each says which one is next */
};

/* `slot_bytes` is a multiple of 16, so that every slot is aligned for every type. */
void secret_pool_open(struct secret_pool *pool, size_t slot_bytes);

/* A zeroed slot that lives until it is given back, at the latest with the pool. Returns: it, or
 * NULL (no memory). */
MUST_CHECK void *secret_pool_take(struct secret_pool *pool);

/* Wipe a slot of this pool, which another one may get then; NULL is fine. */
void secret_pool_give(struct secret_pool *pool, void *slot);

/* Wipe and release every slot. */
void secret_pool_close(struct secret_pool *pool);

#endif
