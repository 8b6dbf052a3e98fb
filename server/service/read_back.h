/* Contents of buckets of every kind, made of what the store has. */
#ifndef REUNION_SERVICE_READ_BACK_H
#define REUNION_SERVICE_READ_BACK_H

#include "base/err.h"
#include "bucket/table.h"
#include "store/store.h"

/* Read the content of a bucket. Of the table only what never changes is used: no lock is needed.
 * Returns: 0 (`*content` is the caller's; NULL: the store does not have the bucket), -ENOMEM,
 * -EBADMSG (it breaks the rules), and what reading the store gives. */
MUST_CHECK int content_read_back(const struct table *table, struct store_reader *reader, char kind,
                                 const struct bucket_id *id, struct content **content);

#endif
