/* How the table changes: stage, then publish or roll back. */
#ifndef REUNION_BUCKET_STAGING_H
#define REUNION_BUCKET_STAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "bucket/table.h"

/* DESIGN: a change goes in three steps. table_stage_… apply the rules and add to a batch, so that
 * later posts of the batch see earlier ones; the store commits the batch; then table_publish makes
 * all of it visible, or table_rollback undoes all of it. Those two cannot fail. */

/* Staging. All may give -ENOMEM, with nothing staged by that call that table_rollback would not
 * undo. */

struct t1_draft {
    const uint8_t *bytes; /* RECORD_T1_BYTES */
    const uint8_t *link;  /* of the bucket it wants, or NULL */
    uint8_t id[ID_BYTES];
    bool keyed;
    uint8_t key_hash[ID_BYTES];
};

/* Add a T1 to the bucket it wants or to the open one, opening one if there is none.
 * Gives: 0, -EEXIST (it stands already, with this key; or the draft is keyless),
 * -EACCES (it stands with another key or none), -ENOENT, -EKEYEXPIRED (no such bucket, or no
 * more), -ENOSPC (the bucket is full), -EBUSY (it takes no more T1s). On 0 and -EEXIST `*standing`
 * is the T1. */
MUST_CHECK int table_stage_t1(struct table *table, struct batch *batch,
                              const struct t1_draft *draft, int64_t now_s,
                              struct t1_entry **standing);

/* Add a record, addressed to a T1 of `bucket`. The caller has checked the sender.
 * Gives: 0, -EEXIST (the same record stands), -ELOOP (to its own sender), -ENOENT (the addressee
 * is not in the bucket), -EBUSY (the place is taken). */
MUST_CHECK int table_stage_record(struct table *table, struct batch *batch, struct bucket *bucket,
                                  enum record_kind kind,
                                  const uint8_t bytes[static RECORD_ADDRESSED_BYTES],
                                  int64_t now_s);

/* Add a record to everybody in its sender's bucket; the addressee in `bytes` is zeros.
 * Gives: 0, -EEXIST, -ENOSPC (the sender has too many). */
MUST_CHECK int table_stage_unaddressed(struct table *table, struct batch *batch,
                                       struct t1_entry *sender, enum record_kind kind,
                                       const uint8_t bytes[static RECORD_ADDRESSED_BYTES]);

/* Close and expire buckets whose time has come. */
MUST_CHECK int table_stage_time(struct table *table, struct batch *batch, int64_t now_s);

/* Undo the changes from number `from` on, latest first. */
void table_rollback(struct table *table, struct batch *batch, size_t from);

/* Make a committed batch visible. Gives: the expired buckets, linked by `older`, out of the table
 * and the caller's to free once nobody waits in them. */
MUST_CHECK struct bucket *table_publish(struct table *table, const struct batch *batch);

/* Loading, before any reader is there; older buckets first. What is loaded is visible. */

/* Gives: 0 (`*loaded` is the table's), -ENOMEM, -EBADMSG (not newer than the one before). */
MUST_CHECK int table_load_bucket(struct table *table, const struct bucket_id *id, bool closed,
                                 struct bucket **loaded);

/* T1s before records. Gives: 0, -ENOMEM, -EBADMSG (the bucket cannot hold it). */
MUST_CHECK int table_load_t1(struct table *table, struct bucket *bucket,
                             const struct t1_draft *draft);
MUST_CHECK int table_load_record(struct table *table, struct bucket *bucket, enum record_kind kind,
                                 const uint8_t bytes[static RECORD_ADDRESSED_BYTES]);

/* Draw the feed's order, when all of a bucket is loaded. */
void table_load_finished(struct table *table, struct bucket *bucket);

#endif
