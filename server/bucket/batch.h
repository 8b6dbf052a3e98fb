/* The changes of one commit: as the store writes them, and as the table undoes or publishes them.
 */
#ifndef REUNION_BUCKET_BATCH_H
#define REUNION_BUCKET_BATCH_H

#include <stddef.h>

#include "base/err.h"
#include "bucket/entry.h"
#include "store/change.h"

struct bucket;

/* What a change is about in memory. */
struct staged {
    struct bucket *bucket;
    struct entry *entry;     /* of CHANGE_T1_ADDED and CHANGE_RECORD_ADDED */
    struct t1_entry *sender; /* of CHANGE_RECORD_ADDED, CHANGE_SENT and CHANGE_T1_RAISED */
    struct link_entry *link; /* of CHANGE_LINK_ADDED */
    struct stamp before;     /* of CHANGE_T1_RAISED: what was staged until then */
};

/* In order; `changes[i]` and `staged[i]` are of one change. */
struct batch {
    struct change *changes;
    struct staged *staged;
    size_t count, capacity;
};

/* Make room for `more` further changes. Returns: 0, -ENOMEM. */
MUST_CHECK int batch_reserve(struct batch *batch, size_t more);

/* Append a change of a bucket, for which there is room: its opening (the seed: of a bucket of
 * links; else NULL), closing or expiry. */
void batch_add_opened(struct batch *batch, struct bucket *bucket, const uint8_t *seed);
void batch_add_closed(struct batch *batch, struct bucket *bucket);
void batch_add_expired(struct batch *batch, struct bucket *bucket);

/* The same for a T1 in its bucket, a record in a bucket, and a link in one. */
void batch_add_t1(struct batch *batch, struct t1_entry *t1);
void batch_add_record(struct batch *batch, struct bucket *bucket, struct record_entry *record,
                      struct t1_entry *sender);
void batch_add_link(struct batch *batch, struct bucket *bucket, struct link_entry *link);

/* The same for the number of records in a sender's name, as it is when the batch is sealed. */
void batch_add_sent(struct batch *batch, struct t1_entry *sender);

/* The same for what a T1 pays from now on, in place of what is staged in it. */
void batch_add_raise(struct batch *batch, struct t1_entry *t1, const struct stamp *stamp);

/* Nothing more is staged: put in the numbers that go on changing while a batch grows. To be called
 * before the store gets the changes. */
void batch_seal(struct batch *batch);

/* Forget the changes, keep the room. */
void batch_clear(struct batch *batch);

void batch_free(struct batch *batch);

#endif
