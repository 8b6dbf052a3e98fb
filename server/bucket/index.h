/* An intrusive hash index. */
#ifndef REUNION_BUCKET_INDEX_H
#define REUNION_BUCKET_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* DESIGN: separate chaining, since removal then leaves no tombstones and an insertion cannot
 * fail once the first slots are allocated: if growing runs out of memory, the chains just get
 * longer. Each insertion moves a few slots of a table that grows, so that none takes long. The
 * index owns its slots only. Hashes are keyed, as strangers choose what is indexed. Not locked. */

enum { INDEX_KEY_BYTES = 16 };

struct index_node {
    struct index_node *next;
    uint64_t hash;
};

struct index {
    struct index_node **slots;
    size_t slot_count; /* 0 or a power of two */
    size_t count;
    struct index_node **old_slots; /* while growing is under way: those not yet moved; or NULL */
    size_t old_count, moved;       /* how many there were, and how many have had their turn */
};

/* SipHash-2-4 of `data` under `key`. */
uint64_t index_hash(const uint8_t key[static INDEX_KEY_BYTES], const void *data, size_t bytes);

/* Put `node` in under `hash`; several nodes may have the same.
 * Returns: 0, -ENOMEM (only while the index is empty). */
MUST_CHECK int index_insert(struct index *index, struct index_node *node, uint64_t hash);

/* Take out a node that is in. */
void index_remove(struct index *index, struct index_node *node);

/* The first and each further node under a hash; NULL when there is none. */
struct index_node *index_first(const struct index *index, uint64_t hash);
struct index_node *index_next(const struct index_node *node);

/* Release the slots; the nodes are their owners'. */
void index_free(struct index *index);

#endif
