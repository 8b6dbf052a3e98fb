/* How buckets of any kind open, close and expire, in the steps of staging.h; and their loading. */
#ifndef REUNION_BUCKET_STAGING_BUCKETS_H
#define REUNION_BUCKET_STAGING_BUCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "bucket/batch.h"
#include "bucket/table.h"

/* Close and expire buckets whose time has come, and close those that are ahead of the clock; of
 * each kind at most so many of either, oldest first, so that posts of the same commit need not wait
 * for very many. Returns: 0, -ENOMEM. */
enum { CLOSED_AT_ONCE = 64, EXPIRED_AT_ONCE = 64 };

MUST_CHECK int table_stage_time(struct table *table, struct batch *batch, int64_t now_s);

/* Open a new bucket in a list, and there in a place (NULL: the common one).
 * Returns: 0, -EMFILE (as many live as may), -ENFILE (as many as may be opened in this window),
 * -EUSERS (as many places), -ENOMEM. */
MUST_CHECK int table_stage_bucket(struct bucket_list *list, struct batch *batch,
                                  const uint8_t *place, int64_t now_s, struct bucket **opened);

/* Close a bucket that is full; there is room for one change. */
void table_stage_closing(struct batch *batch, struct bucket *bucket);

/* At start, older buckets first: a bucket the store has, visible and evicted (table_note_evicted).
 * Returns: 0 (`*loaded` is the table's), -ENOMEM, -EBADMSG (not newer than the one of its kind
 * before). */
MUST_CHECK int table_load_bucket(struct table *table, char kind, const struct bucket_id *id,
                                 bool closed, struct bucket **loaded);

#endif
