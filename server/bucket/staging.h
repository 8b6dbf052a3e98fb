/* Changes of the table in two steps: stage, then publish or roll back. */
#ifndef REUNION_BUCKET_STAGING_H
#define REUNION_BUCKET_STAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "bucket/batch.h"
#include "bucket/table.h"

/* DESIGN: a change goes in three steps. table_stage_… apply the rules and add to a batch, so that
 * later posts of the batch see earlier ones; the store commits the batch; then batch_publish makes
 * all of it visible, or batch_rollback undoes all of it. Those two cannot fail. Buckets themselves
 * come, close and go by staging_buckets.h. */

/* Staging. All may give -ENOMEM and -EAGAIN (the content of `table->wanted` is needed: roll back,
 * read it, install it, stage again), with nothing staged by that call that batch_rollback would not
 * undo; and those that add something -EFBIG (the table is full). */

/* Add a T1 to the bucket it wants or to the open one of its place, opening one if there is none and
 * the batch has not opened one since change number `mark`: no request opens more than one. A
 * keyless one is for the common place. Returns: 0, -EEXIST (it stands already, with this key; or
 * the draft is keyless), -EACCES (it stands with another key or none), -ENOENT, -EKEYEXPIRED (no
 * such bucket in that place, or no more), -ENOSPC (the bucket is full), -EBUSY (it takes no more
 * T1s), -EMFILE (as many buckets live as may), -EUSERS (as many places), -EDQUOT (a second bucket
 * would have to open, or the bucket has as many keyless ones as it may), -EPERM (its stamp is worth
 * less than is asked for). On 0, and on -EEXIST of a draft with a key, `*standing` is the T1. A
 * keyless one is taken to stand where its 64-bit hash does: nobody but the poster would be told,
 * strangers do not know the hash's key, and among a million T1s chance does it once in 10^13. */
MUST_CHECK int table_stage_t1(struct table *table, struct batch *batch,
                              const struct t1_draft *draft, size_t mark, int64_t now_s,
                              struct t1_entry **standing);

/* Let a better stamp replace that of a T1, staged or visible and cached, which its poster offers.
 * Returns: 0, -EEXIST (it is not worth twice as much, as counted now). */
MUST_CHECK int table_stage_raise(struct table *table, struct batch *batch, struct t1_entry *t1,
                                 const struct stamp *stamp, int64_t now_s);

/* Add a record of `sender`, addressed to a T1 of `bucket`, which is cached.
 * Returns: 0, -EEXIST (the same record stands), -ELOOP (to its own sender), -EXDEV (the sender
 * stands in another place), -ENOENT (the addressee is not in the bucket), -EBUSY (another record of
 * these two stands), -EDQUOT (the sender has too many). */
MUST_CHECK int table_stage_record(struct table *table, struct batch *batch, struct bucket *bucket,
                                  struct t1_entry *sender, enum record_kind kind,
                                  const uint8_t bytes[static RECORD_ADDRESSED_BYTES],
                                  int64_t now_s);

/* Add a record to everybody in its sender's bucket; the addressee in `bytes` is zeros.
 * Returns: 0, -EEXIST, -ENOSPC (the sender has too many of this kind), -EDQUOT (in all). */
MUST_CHECK int table_stage_unaddressed(struct table *table, struct batch *batch,
                                       struct t1_entry *sender, enum record_kind kind,
                                       const uint8_t bytes[static RECORD_ADDRESSED_BYTES]);

#endif
