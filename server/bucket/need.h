/* What a staging needs of a table: the content of a bucket, or a T1. */
#ifndef REUNION_BUCKET_NEED_H
#define REUNION_BUCKET_NEED_H

#include "bucket/table.h"

/* See that a bucket's content is there.
 * Returns: 0, -EAGAIN (it is not, and is `table->wanted`). */
MUST_CHECK int table_need(struct table *table, struct bucket *bucket);

/* Find a T1, staged or visible, to be changed. Returns: 0, -ENOENT,
 * -EAGAIN. */
MUST_CHECK int table_need_t1(struct table *table, const uint8_t id[static ID_BYTES], int64_t now_s,
                             struct t1_entry **t1);

#endif
