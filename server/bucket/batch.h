/* The changes of one commit: as the store writes them, and as memory undoes or publishes them. */
#ifndef REUNION_BUCKET_BATCH_H
#define REUNION_BUCKET_BATCH_H

#include <stddef.h>

#include "base/err.h"
#include "bucket/entry.h"
#include "bucket/waiters.h"
#include "store/change.h"

/* DESIGN: whoever stages a change appends what the store writes, and how to undo or publish it in
 * memory. So a batch knows nothing of what is in it, and whatever is stored can take part. */

struct bucket;
struct staged;

struct staged_methods {
    /* It will not be committed. The changes of a batch are undone latest first. NULL: there is
     * nothing to undo. */
    void (*undo)(const struct staged *staged);

    /* The commit has succeeded. Neither of the two can fail. */
    void (*publish)(const struct staged *staged);

    /* Put in what goes on changing while a batch grows; NULL: nothing. */
    void (*seal)(const struct staged *staged, struct change *change);
};

/* What a change is about in memory. All but `methods` may be NULL. */
struct staged {
    const struct staged_methods *methods;
    struct bucket *bucket;
    void *what;                /* its methods' own */
    struct entry *entry;       /* what becomes visible in the bucket's feed */
    struct t1_entry *sender;   /* of that, or the T1 that is changed */
    struct stamp before;       /* what a T1 paid until then */
    struct waiter_list *wakes; /* once it is published */
};

/* In order; `changes[i]` and `staged[i]` are of one change. */
struct batch {
    struct change *changes;
    struct staged *staged;
    size_t count, capacity;
};

/* Make room for `more` further changes. Returns: 0, -ENOMEM. */
MUST_CHECK int batch_reserve(struct batch *batch, size_t more);

/* Append a change for which there is room; that of a bucket has its id and kind.
 * Returns: what the store writes, to be filled in. */
struct change *batch_add(struct batch *batch, enum change_kind kind, const struct staged *staged);

/* Nothing more is staged. To be called before the store gets the changes. */
void batch_seal(struct batch *batch);

/* Undo the changes from number `from` on, latest first. */
void batch_rollback(struct batch *batch, size_t from);

/* Make a committed batch visible. Expired buckets are out of the table then (table_take_dead). */
void batch_publish(const struct batch *batch);

/* Forget the changes, keep the room. */
void batch_clear(struct batch *batch);

void batch_free(struct batch *batch);

#endif
