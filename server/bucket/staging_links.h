/* Staging of private links; staging.h describes the steps. */
#ifndef REUNION_BUCKET_STAGING_LINKS_H
#define REUNION_BUCKET_STAGING_LINKS_H

#include <stdint.h>

#include "base/err.h"
#include "bucket/staging.h"

/* Add a private link to the newest bucket of links, or to a new one if that is full or past its
 * window, and give the bucket.
 * Returns: what all staging gives, 0, -EEXIST (these bytes are in that bucket already, be they a
 * link or a filler), -EMFILE (as many buckets live as may), -ENFILE (this window has as many as it
 * may), -EPERM (its stamp's `effort` is less than is asked for). */
MUST_CHECK int table_stage_link(struct table *table, struct batch *batch,
                                const uint8_t blob[static LINK_BLOB_BYTES], uint32_t effort,
                                int64_t now_s, struct bucket **standing);

/* At start: note a bucket of links, older ones first. The one before in the same window was full.
 */
void table_note_links(struct table *table, const struct bucket *bucket);

/* For staging.c: take a staged link out again, or make it visible. */
void table_undo_link(struct table *table, const struct staged *staged);
void table_show_link(const struct staged *staged);

#endif
